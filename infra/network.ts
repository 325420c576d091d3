import type { Settings } from './settings.ts';

export type Network = ReturnType<typeof createNetwork>;

const CIDR = '10.0.0.0/16';

/** Public subnets for the load balancer, private ones for all else. */
export function createNetwork(settings: Settings) {
  const vpc = new sst.aws.Vpc('Vpc', {
    az: settings.network.zones,
    nat: settings.network.nat,
    transform: {
      vpc: { cidrBlock: CIDR },
      // What names no group gets the default one, which would let the whole network in.
      securityGroup: { ingress: [], egress: [] },
      // Not from the internet, as would be the default.
      natSecurityGroup: { ingress: [{ protocol: '-1', fromPort: 0, toPort: 0, cidrBlocks: [CIDR] }] },
    },
  });
  keepImageLayersOffNat(vpc, settings.region);
  return { vpc, cidr: CIDR };
}

/** A gateway to S3 costs nothing, and the layers of images come from there at every start of a task. */
function keepImageLayersOffNat(vpc: InstanceType<typeof sst.aws.Vpc>, region: string): void {
  new aws.ec2.VpcEndpoint('S3Endpoint', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${region}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: vpc.nodes.privateRouteTables.apply((tables) => tables.map((table) => table.id)),
  });
}
