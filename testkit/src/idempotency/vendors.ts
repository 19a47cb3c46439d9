import { loadExampleDefinition } from "@weft/standalone";
import { newVendorRegistrationLink } from "../tenants/new-vendor-registration-link.js";
import { uploadText } from "../files/upload-file.js";
import { fresh, type IdempotencyCases, type Stage } from "./case.js";

/** Offers a request to the vendor, and returns the ID of the offer. */
async function offerOf(acme: Stage["acme"]): Promise<string> {
  const { id: requestId } = await acme.request("approved");
  const { offerToVendor } = await acme.operations.run<{ offerToVendor: { offer: { id: string } } }>(
    "mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }",
    { input: { requestId, vendorId: acme.vendor.id, expiresInMinutes: 60, title: "A defect" } },
  );
  return offerToVendor.offer.id;
}

/** Cases of vendors and their projects. */
export const vendorCases: IdempotencyCases = {
  createVendor: {
    who: ({ acme }) => acme.admin,
    selection: "vendor { id code name }",
    inputs: async () => {
      const input = { code: fresh("V"), name: "A vendor" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  startVendorOnboarding: {
    who: ({ acme }) => acme.admin,
    selection: "vendor { id onboarding { id } }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      const { id } = await acme.tenant.vendor();
      await acme.admin.run("mutation ($id: ID!) { deactivateVendor(input: { id: $id }) { vendor { id } } }", { id });
      return { input: { id }, other: { id, expectedVersion: 2 } };
    },
  },
  createVendorRegistrationLink: {
    who: ({ acme }) => acme.admin,
    selection: "link { id note url }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      return { input: { note: "Website" }, other: { note: "Newsletter" } };
    },
  },
  inviteVendor: {
    who: ({ acme }) => acme.admin,
    selection: "link { id email }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      const email = `${fresh("invited").toLowerCase()}@vendor.example`;
      return { input: { email }, other: { email, message: "Please register." } };
    },
  },
  registerVendor: {
    who: ({ acme }) => acme.admin,
    selection: "receivedAt",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      const { token } = await newVendorRegistrationLink(acme.admin);
      const input = { token, name: "A vendor", email: "office@vendor.example" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  addVendorContact: {
    who: ({ acme }) => acme.admin,
    selection: "contact { id name version }",
    inputs: async ({ acme }) => {
      const input = { vendorId: acme.vendor.id, name: "Sara" };
      return { input, other: { ...input, name: "Sam" } };
    },
  },
  rateVendor: {
    who: ({ acme }) => acme.requester,
    selection: "rating { id stars version }",
    inputs: async ({ acme }) => {
      const input = { requestId: (await acme.request("closed")).id, stars: 4 };
      return { input, other: { ...input, stars: 5 } };
    },
  },
  offerToVendor: {
    who: ({ acme }) => acme.operations,
    selection: "offer { id title version }",
    inputs: async ({ acme }) => {
      const { id: requestId } = await acme.request("approved");
      const input = { requestId, vendorId: acme.vendor.id, expiresInMinutes: 60, title: "A defect" };
      return { input, other: { ...input, title: "Another" } };
    },
  },
  acceptOffer: {
    who: ({ acme }) => acme.vendor.user,
    selection: "offer { id status version }",
    inputs: async ({ acme }) => ({ input: { id: await offerOf(acme) }, other: { id: await offerOf(acme) } }),
  },
  createProject: {
    who: ({ acme }) => acme.admin,
    selection: "project { id code name }",
    inputs: async ({ acme }) => {
      await acme.tenant.definition(await loadExampleDefinition("project"));
      const input = { code: fresh("P"), name: "A project" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  addVendorDocument: {
    who: ({ acme }) => acme.admin,
    selection: "document { id title }",
    inputs: async ({ acme }) => {
      const { id: vendorId } = await acme.tenant.vendor(fresh("Vendor "));
      const input = { vendorId, kind: "INSURANCE", title: "Liability", fileId: await uploadText(acme.admin) };
      return { input, other: { ...input, title: "Building" } };
    },
  },
};
