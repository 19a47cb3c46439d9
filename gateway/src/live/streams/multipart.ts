/**
 * Multipart subscriptions, as Apollo's clients speak them
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol).
 */
import type { StreamEncoding } from "./encoding.js";

const boundary = "--graphql";
const partHead = "\r\ncontent-type: application/json\r\n\r\n";
/** A part ends with the boundary of the next one: clients read it only then. */
const partEnd = `\r\n${boundary}`;
const part = (body: unknown): string => `${partHead}${JSON.stringify(body)}${partEnd}`;

export const multipart: StreamEncoding = {
  // Exactly this spelling: some clients compare it.
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  begin: partEnd,
  heartbeat: part({}),
  headOf: () => `${partHead}{"payload":`,
  tailOf: ({ payload }) => Buffer.concat([payload, Buffer.from(`}${partEnd}`)]),
  completeOf: () => "",
  // It ends the response in either case. Clients that can continue open another one.
  brokenOf: (errors) => part({ payload: null, errors }),
  end: "--\r\n",
};
