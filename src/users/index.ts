/**
 * Players' accounts: who exists, under which name and role.
 *
 * Names are unique regardless of case. An account has a password, or it belongs to a subject of an external identity
 * provider. How its owner proves to be the owner is the business of auth, which stands on this feature.
 */
export { userHandlers } from './handlers.ts';
export {
  deleteUser,
  type LockedUser,
  lockUser,
  type ExternalAccount,
  findAccount,
  findAccountByName,
  findExternalAccount,
  findUserByName,
  insertExternalAccount,
  insertOperator,
  promoteUser,
  replacePasswordHash,
} from './repository.ts';
export { type Role, toUserView, type User, Username, UserView } from './user.ts';
