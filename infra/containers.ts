import { SERVICE_PORT } from './ports.ts';

/** The parts of a container definition that are read here; the rest is passed on as it is. */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly logConfiguration: {
    readonly logDriver: string;
    readonly options: Readonly<Record<string, string>>;
  };
  readonly [other: string]: unknown;
}

const MIGRATION = 'migrate';

/** The most that Fargate allows is 120 s. */
const SECONDS_TO_CLOSE = 20;

/**
 * The containers of a task: one that migrates and ends, and the service, which starts only after it succeeded. New
 * tasks that start together take turns under the lock of migrations.
 */
export function toTaskContainers(service: ContainerDefinition, drainSeconds: number): ContainerDefinition[] {
  const hardened = {
    ...service,
    ...restrictions,
    environment: service.environment.filter(({ name }) => !name.startsWith('SST_')),
    logConfiguration: neverBlocking(service),
  };
  return [
    {
      ...hardened,
      essential: true,
      portMappings: [{ containerPort: SERVICE_PORT, protocol: 'tcp' }],
      dependsOn: [{ containerName: MIGRATION, condition: 'SUCCESS' }],
      // The drain at the load balancer, should the signal come at its beginning, then that of the service.
      stopTimeout: 2 * drainSeconds + SECONDS_TO_CLOSE,
    },
    { ...hardened, name: MIGRATION, essential: false, portMappings: [], command: ['laurel', 'migrate'] },
  ];
}

const restrictions = {
  readonlyRootFilesystem: true,
  // Metrics are lines of JSON, which a terminal would end with a carriage return.
  pseudoTerminal: false,
  // The first process reaps others, and passes signals on.
  linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
};

/**
 * Writing to a full pipe would stop the event loop, and with it every score, whenever CloudWatch is slow. Beyond 25 MB
 * lines are lost instead.
 */
function neverBlocking({ logConfiguration }: ContainerDefinition) {
  return {
    ...logConfiguration,
    options: { ...logConfiguration.options, mode: 'non-blocking', 'max-buffer-size': '25m' },
  };
}
