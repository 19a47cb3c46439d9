import type { TestUser } from "../test-user.js";

/** A definition `contract-approval` with which the owner decides alone. */
export const contractApproval = `weft: 1
key: contract-approval
name: Contract approval
data:
  type: object
  required: [title, counterparty, value]
  properties:
    title: { type: string }
    counterparty: { type: string }
    value: { type: number }
    currency: { type: string }
    startsOn: { type: string, format: date }
    endsOn: { type: string, format: date }
initial: review
states:
  review:
    transitions:
      sign: { to: signed }
      refuse: { to: refused, comment: required }
      drop: { to: dropped }
  signed: { final: completed }
  refused: { final: rejected }
  dropped: { final: cancelled }
`;

/** Creates a contract, and returns its ID. */
export async function newContract(
  user: TestUser,
  input: { readonly vendorId: string; readonly [field: string]: unknown },
): Promise<string> {
  const { createContract } = await user.run<{ createContract: { contract: { id: string } } }>(
    "mutation ($input: CreateContractInput!) { createContract(input: $input) { contract { id } } }",
    {
      input: {
        kind: "SERVICE",
        title: "Cleaning",
        amount: { amount: 1_200_000, currency: "EUR" },
        startsOn: "2026-01-01",
        endsOn: "2027-12-31",
        ...input,
      },
    },
  );
  return createContract.contract.id;
}

/** Submits the draft of a contract, and fires a transition of its approval. */
export async function decideContract(user: TestUser, id: string, transition = "sign", comment?: string): Promise<void> {
  const { submitContract } = await user.run<{ submitContract: { contract: { draft: { workflow: { id: string } } } } }>(
    "mutation ($id: ID!) { submitContract(input: { id: $id }) { contract { draft { workflow { id } } } } }",
    { id },
  );
  await user.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
    input: { instanceId: submitContract.contract.draft.workflow.id, transition, comment },
  });
}
