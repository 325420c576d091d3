import type { Network } from './network.ts';
import { SERVICE_PORT } from './ports.ts';
import type { Settings } from './settings.ts';

export type LoadBalancer = ReturnType<typeof createLoadBalancer>;

/** Less than the service's keep-alive timeout of 125 s; a comment every 15 s keeps streams from being idle. */
const IDLE_TIMEOUT_SECONDS = 120;

/** For the load balancer's own checks, and for whoever scrapes from inside. */
const PRIVATE_PATHS = ['/metrics', '/health/ready'];

const http = { protocol: 'http', port: 80 } as const;
const https = { protocol: 'https', port: 443 } as const;

const notFound = {
  type: 'fixed-response',
  fixedResponse: { statusCode: '404', contentType: 'text/plain', messageBody: 'Not found' },
};
const toHttps = {
  type: 'redirect',
  redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' },
};

/** The one thing that the internet reaches. With a domain it serves HTTPS, and HTTP only leads there. */
export function createLoadBalancer(settings: Settings, { vpc, cidr }: Network) {
  const encrypted = settings.domain !== undefined;
  const traffic = encrypted ? https : http;
  const listeners = encrypted ? [http, https] : [http];
  const alb = new sst.aws.Alb('LoadBalancer', {
    vpc,
    domain: domainOf(settings),
    listeners,
    transform: {
      securityGroup: {
        description: 'The internet may connect',
        ingress: listeners.map(({ port }) => ({ ...tcp(port), cidrBlocks: ['0.0.0.0/0'] })),
        egress: [{ ...tcp(SERVICE_PORT), cidrBlocks: [cidr] }],
      },
      loadBalancer: {
        idleTimeout: IDLE_TIMEOUT_SECONDS,
        enableDeletionProtection: settings.production,
        dropInvalidHeaderFields: true,
        // The service counts proxies from the right (TRUSTED_PROXY_HOPS), left of which is what the client wrote.
        xffHeaderProcessingMode: 'append',
      },
      listener: (args) => {
        if (args.protocol === 'HTTPS') args.sslPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
        args.defaultActions = [encrypted && args.protocol === 'HTTP' ? toHttps : notFound];
      },
    },
  });
  const listener = alb.getListener(traffic.protocol, traffic.port);
  new aws.lb.ListenerRule('PrivatePaths', {
    listenerArn: listener.arn,
    priority: 1,
    conditions: [{ pathPattern: { values: PRIVATE_PATHS } }],
    actions: [notFound],
  });
  return { alb, listener, listen: `${traffic.port}/${traffic.protocol}` as const };
}

/** The zone of a domain that comes with its certificate is elsewhere: there, an alias for the load balancer is made by hand. */
function domainOf({ domain, certificateArn }: Settings) {
  if (domain === undefined || certificateArn === undefined) return domain;
  return { name: domain, dns: false as const, cert: certificateArn };
}

function tcp(port: number) {
  return { protocol: 'tcp', fromPort: port, toPort: port };
}
