import type { Secrets } from './secrets.ts';

/** What SST would allow tasks beyond what they do: to read every secret of the account, and to open a shell. */
export function narrowRoles(secrets: Secrets) {
  return {
    executionRole: {
      inlinePolicies: [
        {
          name: 'ReadItsSecrets',
          policy: aws.iam.getPolicyDocumentOutput({
            statements: [{ actions: ['secretsmanager:GetSecretValue'], resources: Object.values(secrets) }],
          }).json,
        },
      ],
    },
    // The process calls nothing of AWS.
    taskRole: { inlinePolicies: [] },
  };
}
