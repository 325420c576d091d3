/**
 * Deleting an account with everything that names it. A feature of its own, because it stands above users, auth and
 * scores, which know nothing of each other's rows.
 */
export { createDeletion } from './delete-account.ts';
export { deletionHandlers } from './handlers.ts';
