import type { TestUser } from "../test-user.js";

export type ViewedList = "REQUESTS" | "BUILDINGS" | "ASSETS";

/** Saves a view without conditions, which everybody in the tenant can use. Returns its ID. */
export async function newView(user: TestUser, list: ViewedList): Promise<string> {
  const { saveView } = await user.run<{ saveView: { view: { id: string } } }>(
    "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
    { input: { list, name: `All ${list.toLowerCase()}`, visibility: "TENANT" } },
  );
  return saveView.view.id;
}
