import type { TestUser } from "../test-user.js";

/** Creates a link with which companies register as vendors. The tenant needs the definition of onboardings. Returns its ID and its token. */
export async function newVendorRegistrationLink(user: TestUser, input: object = {}): Promise<{ id: string; token: string }> {
  const { createVendorRegistrationLink } = await user.run<{ createVendorRegistrationLink: { link: { id: string; url: string } } }>(
    "mutation ($input: CreateVendorRegistrationLinkInput!) { createVendorRegistrationLink(input: $input) { link { id url } } }",
    { input },
  );
  const { id, url } = createVendorRegistrationLink.link;
  return { id, token: url.slice(url.indexOf("#token=") + "#token=".length) };
}
