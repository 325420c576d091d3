/** What AWS would have answered: attributes that only exist after a resource does, and data that programs look up. */
const account = '123456789012';

const attributes = {
  'aws:lb/loadBalancer:LoadBalancer': (name) => ({
    dnsName: `${name}.elb.test`,
    zoneId: 'ZLB',
    arnSuffix: `app/${name}/1`,
  }),
  'aws:lb/targetGroup:TargetGroup': (name, region) => ({
    arn: `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/1`,
  }),
  'aws:rds/instance:Instance': (name) => ({ address: `${name}.rds.test`, identifier: name.toLowerCase() }),
  'aws:elasticache/replicationGroup:ReplicationGroup': (name) => ({
    primaryEndpointAddress: `${name}.cache.test`,
  }),
  'random:index/randomPassword:RandomPassword': (name) => ({ result: `made-up-${name}` }),
  'docker-build:index:Image': () => ({ digest: `sha256:${'0'.repeat(64)}` }),
  'aws:acm/certificate:Certificate': () => ({
    domainValidationOptions: [
      { resourceRecordName: '_a', resourceRecordType: 'CNAME', resourceRecordValue: '_b' },
    ],
  }),
};

/** The state of a new resource. */
export function createResource({ type, name, inputs, id }, region) {
  const arn = `arn:aws:mock:${region}:${account}:${type}/${name}`;
  const known = attributes[type]?.(name, region) ?? {};
  return { id: id || `${name}-id`, state: { name, arn, ...known, ...inputs } };
}

const answers = {
  'aws:index/getRegion:getRegion': (_, region) => ({ name: region, region }),
  'aws:index/getPartition:getPartition': () => ({ partition: 'aws', dnsSuffix: 'amazonaws.com' }),
  'aws:index/getCallerIdentity:getCallerIdentity': () => ({ accountId: account }),
  'aws:index/getAvailabilityZones:getAvailabilityZones': (_, region) => ({
    names: ['a', 'b', 'c'].map((zone) => region + zone),
  }),
  'aws:iam/getPolicyDocument:getPolicyDocument': ({ statements }) => ({
    statements,
    json: JSON.stringify({ Statement: statements }),
  }),
  'aws:ecr/getAuthorizationToken:getAuthorizationToken': () => ({
    proxyEndpoint: 'https://ecr.test',
    userName: 'AWS',
    password: 'registry-password',
  }),
  'aws:ec2/getAmi:getAmi': () => ({ id: 'ami-1' }),
  'aws:route53/getZone:getZone': () => ({ zoneId: 'ZDNS', name: 'example.com' }),
};

/** The answer to a question. One that nobody foresaw fails the evaluation. */
export function answer({ token, inputs }, region) {
  const known = answers[token];
  if (known === undefined) throw new Error(`no answer for ${token}`);
  return known(inputs, region);
}

/** What the command line answers to the program it runs, by remote procedure. */
export function answerRpc(method, region) {
  if (method !== 'Provider.Aws.Bootstrap') return { error: `no answer for ${method}` };
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`;
  return {
    result: { asset: 'sst-asset', assetEcrRegistryId: account, assetEcrUrl: registry, state: 'sst-state' },
  };
}
