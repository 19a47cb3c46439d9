import type { OutboundClient } from "@weft/platform/outbound";

/** Returns a client that counts its requests, those that fail included. */
export function countingCalls(client: OutboundClient): { readonly outbound: OutboundClient; readonly count: () => number } {
  let calls = 0;
  return {
    count: () => calls,
    outbound: {
      request: (request) => {
        calls++;
        return client.request(request);
      },
      close: () => client.close(),
    },
  };
}
