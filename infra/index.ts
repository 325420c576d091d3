/**
 * Everything that a stage has. Who may reach whom is in security-groups.ts, what differs between stages in settings.ts.
 * The service learns only the ARNs of secrets, and migrates before it serves.
 */
import { createAlarms } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { provideAuthorities } from './database-authorities.ts';
import { createDatabase } from './database.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { createNetwork } from './network.ts';
import { createRedis } from './redis.ts';
import { createScaling } from './scaling.ts';
import { createSecrets } from './secrets.ts';
import { createService } from './service.ts';
import { createSecurityGroups } from './security-groups.ts';
import { readSettings } from './settings.ts';
import { createSources } from './sources.ts';

/** Creates the stage's resources; what it resolves to is shown at the end of a deployment. */
export async function createInfrastructure() {
  const settings = readSettings($app.stage, process.env);
  const building = settings.image === undefined && $cli.command === 'deploy';
  if (building) await provideAuthorities(settings.region);
  const network = createNetwork(settings);
  const loadBalancer = createLoadBalancer(settings, network);
  const groups = createSecurityGroups(network, loadBalancer);
  const database = createDatabase(settings, network, groups);
  const redis = createRedis(settings, network, groups);
  const secrets = createSecrets(settings, { database, redis });
  const service = createService(settings, { network, groups, loadBalancer, secrets });
  const sources = createSources({ loadBalancer, service, database, redis });
  const scaling = createScaling(settings, service);
  const alarms = createAlarms(settings, { sources, scaling });
  const dashboard = createDashboard(settings, { sources, ...alarms });
  return {
    url: loadBalancer.alb.url,
    dashboard: dashboard.dashboardName,
    logs: service.logGroupName,
    alarms: alarms.topic.arn,
  };
}
