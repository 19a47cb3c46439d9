import type { TestUser } from "../test-user.js";

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** Creates an absence with the administrator as the substitute. Administrators see everything anyway, so being a substitute shows them nothing more. */
export async function newAbsence({ admin, operations }: { readonly admin: TestUser; readonly operations: TestUser }): Promise<string> {
  await endMany(admin);
  const { setAbsence } = await admin.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { userId: operations.id, substituteId: admin.id, startsAt: hours(24), endsAt: hours(48) } },
  );
  return setAbsence.absence.id;
}

/** A user can have at most twenty absences that are not over. Many tries would reach this limit. */
async function endMany(admin: TestUser): Promise<void> {
  const { absences } = await admin.run<{ absences: { edges: { node: { id: string; endsAt: string } }[] } }>(
    "{ absences(first: 100) { edges { node { id endsAt } } } }",
  );
  const open = absences.edges.filter(({ node }) => Date.parse(node.endsAt) > Date.now());
  if (open.length < 15) return;
  for (const { node } of open)
    await admin.send("mutation ($id: ID!) { endAbsence(input: { id: $id }) { absence { id } } }", { id: node.id });
}
