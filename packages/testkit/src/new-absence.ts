import type { TestUser } from "./test-user.js";

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** The administrator sees everything anyway: as a stand-in he sees no more. */
export async function newAbsence({ admin, operations }: { readonly admin: TestUser; readonly operations: TestUser }): Promise<string> {
  const { setAbsence } = await admin.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { userId: operations.id, standInId: admin.id, startsAt: hours(24), endsAt: hours(48) } },
  );
  return setAbsence.absence.id;
}
