import type { TestUser } from "../test-user.js";

/** Gives a vendor a contact, a rate, a region and a building. Returns the ID of the contact. */
export async function describeVendor(user: TestUser, vendorId: string, buildingId: string): Promise<string> {
  const { addVendorContact } = await user.run<{ addVendorContact: { contact: { id: string } } }>(
    "mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }",
    { input: { vendorId, name: "Sara", role: "Dispatcher", email: "sara@vendor.example", phone: "+49 1", isPrimary: true } },
  );
  await user.run("mutation ($input: SetVendorRatesInput!) { setVendorRates(input: $input) { vendor { id } } }", {
    input: {
      id: vendorId,
      rates: [{ category: "hvac", unit: "HOUR", amount: { amount: 6500, currency: "EUR" }, validFrom: "2026-01-01" }],
    },
  });
  await user.run("mutation ($input: SetVendorServiceAreasInput!) { setVendorServiceAreas(input: $input) { vendor { id } } }", {
    input: { id: vendorId, regions: ["North"], buildingIds: [buildingId] },
  });
  return addVendorContact.contact.id;
}
