/**
 * A read replica: a streaming copy of the primary that may answer what need not be newest.
 *
 * It is read only while it is proven to hold everything that was acknowledged 2 s ago, and no read fails because of
 * it: what it could not answer, the caller asks the primary. Asking it needs no rights and writes nothing, on either
 * server. Terms: a mark is where the primary's log ended at some time; a replica that has replayed up to a mark is as
 * fresh as that time.
 */
export { openReplica, type Replica } from './open-replica.ts';
