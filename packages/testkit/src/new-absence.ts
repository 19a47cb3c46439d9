import type { TestUser } from "./test-user.js";

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** The administrator sees everything anyway: as a stand-in he sees no more. */
export async function newAbsence({ admin, operations }: { readonly admin: TestUser; readonly operations: TestUser }): Promise<string> {
  await endMany(admin);
  const { setAbsence } = await admin.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { userId: operations.id, standInId: admin.id, startsAt: hours(24), endsAt: hours(48) } },
  );
  return setAbsence.absence.id;
}

/** A person has at most twenty that are not over: many tries would use them up. */
async function endMany(admin: TestUser): Promise<void> {
  const { absences } = await admin.run<{ absences: { edges: { node: { id: string; endsAt: string } }[] } }>(
    "{ absences(first: 100) { edges { node { id endsAt } } } }",
  );
  const open = absences.edges.filter(({ node }) => Date.parse(node.endsAt) > Date.now());
  if (open.length < 15) return;
  for (const { node } of open)
    await admin.send("mutation ($id: ID!) { endAbsence(input: { id: $id }) { absence { id } } }", { id: node.id });
}
