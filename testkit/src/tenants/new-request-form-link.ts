import type { TestUser } from "../test-user.js";

/** Creates a link for maintenance requests about an asset. Returns its ID and its token. */
export async function newRequestFormLink(user: TestUser, assetId: string, more: object = {}): Promise<{ id: string; token: string }> {
  const { createRequestFormLink } = await user.run<{ createRequestFormLink: { link: { id: string; url: string } } }>(
    "mutation ($input: CreateRequestFormLinkInput!) { createRequestFormLink(input: $input) { link { id url } } }",
    { input: { assetId, typeKey: "maintenance", ...more } },
  );
  const { id, url } = createRequestFormLink.link;
  return { id, token: url.slice(url.indexOf("#token=") + "#token=".length) };
}
