/** What operators do that belongs to no other feature. Every endpoint here asks for an operator. */
export { adminHandlers } from './handlers.ts';
