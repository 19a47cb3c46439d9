import type { TestUser } from "../test-user.js";

/** Input for a chat whose host never has an address, so nothing is ever sent. */
export const sampleDestination = (name: string) => ({
  name,
  chat: { format: "SLACK", url: `https://hooks.example.invalid/${name}` },
});

/** Adds a chat. Returns its ID. */
export async function newDestination(user: TestUser): Promise<string> {
  const { addNotificationDestination } = await user.run<{ addNotificationDestination: { destination: { id: string } } }>(
    "mutation ($input: AddNotificationDestinationInput!) { addNotificationDestination(input: $input) { destination { id } } }",
    { input: sampleDestination("Sample") },
  );
  return addNotificationDestination.destination.id;
}

/** Adds a chat to a team. Returns its ID. */
export async function newTeamDestination(user: Pick<TestUser, "run">, teamId: string, name = "Sample"): Promise<string> {
  const { addTeamNotificationDestination } = await user.run<{ addTeamNotificationDestination: { destination: { id: string } } }>(
    "mutation ($input: AddTeamNotificationDestinationInput!) { addTeamNotificationDestination(input: $input) { destination { id } } }",
    { input: { teamId, ...sampleDestination(name) } },
  );
  return addTeamNotificationDestination.destination.id;
}
