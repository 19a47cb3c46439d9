import type { TestUser } from "../test-user.js";

/** An address at which an email becomes a maintenance request. */
export const anInboundMailAddress = { name: "Repairs", typeKey: "maintenance", textField: "summary", data: { estimate: 0 } };

/** Creates an inbound mail address, and returns its ID and the address. */
export async function newInboundMailAddress(user: TestUser, more: object = {}): Promise<{ id: string; address: string | null }> {
  const { createInboundMailAddress } = await user.run<{
    createInboundMailAddress: { inboundMailAddress: { id: string; address: string | null } };
  }>(
    "mutation ($input: CreateInboundMailAddressInput!) { createInboundMailAddress(input: $input) { inboundMailAddress { id address } } }",
    { input: { ...anInboundMailAddress, ...more } },
  );
  return createInboundMailAddress.inboundMailAddress;
}
