import type { Actor } from "../actor.js";
import type { DemoArea } from "../area.js";
import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

/** What Acme knows of the vendor that repairs its elevators: contacts, rates, service areas, limits, and an insurance. */
export const vendorRecords: DemoArea = { name: "vendors", stories: (stage) => [completeLifts(stage)] };

interface VendorRecord {
  readonly contact: { readonly name: string; readonly role: string; readonly email: string; readonly phone: string };
  readonly rates: readonly { readonly category?: string; readonly unit: "HOUR" | "VISIT"; readonly cents: number }[];
  readonly areas: { readonly regions: readonly string[]; readonly buildingIds: readonly (string | undefined)[] };
  readonly availability: { readonly maxOpen: number; readonly absence: readonly [from: number, until: number] };
  readonly insurance: Omit<VendorDocument, "kind" | "title" | "isChecked">;
}

/** A document, with its days from now. */
interface VendorDocument {
  readonly kind: string;
  readonly title: string;
  readonly number: string;
  readonly issuedIn: number;
  readonly endsIn: number;
  /** Whether the manager has accepted it. */
  readonly isChecked: boolean;
}

async function* completeLifts(stage: Stage): Story {
  yield 86;
  const vendor = stage.as("tech");
  await complete(stage, stage.vendorId, vendor, {
    contact: { name: "Nora North", role: "Dispatcher", email: "dispatch@northwind.example", phone: "+1 555 0101" },
    rates: [
      { category: "elevators", unit: "HOUR", cents: 9_500 },
      { unit: "HOUR", cents: 8_200 },
      { unit: "VISIT", cents: 6_000 },
    ],
    areas: { regions: [], buildingIds: ["HQ", "WH", "LAB"].map((code) => stage.buildings.get(code)) },
    availability: { maxOpen: 80, absence: [40, 44] },
    insurance: { number: "NW-2201", issuedIn: -150, endsIn: 215 },
  });
  await addDocument(stage, stage.vendorId, vendor, {
    kind: "SAFETY_CERTIFICATE",
    title: "Certificate for work on elevators",
    number: "NW-SC-118",
    issuedIn: -353,
    endsIn: 12,
    isChecked: true,
  });
  yield 2;
  await addDocument(stage, stage.vendorId, vendor, {
    kind: "REFRIGERANT_PERMIT",
    title: "Permit to handle refrigerants",
    number: "NW-RP-07",
    issuedIn: -4,
    endsIn: 726,
    isChecked: false,
  });
}

/** The same for the builder, which has no users. From then on, builders and electricians need an insurance. */
export async function completeBuilder(stage: Stage, vendorId: string): Promise<void> {
  await complete(stage, vendorId, stage.as("admin"), {
    contact: { name: "Sam Stone", role: "Site manager", email: "site@stonebridge.example", phone: "+1 555 0144" },
    rates: [{ category: "construction", unit: "HOUR", cents: 6_800 }],
    areas: { regions: ["Greater Springfield"], buildingIds: [stage.buildings.get("HQ")] },
    availability: { maxOpen: 30, absence: [25, 29] },
    insurance: { number: "SB-7783", issuedIn: -335, endsIn: 24 },
  });
  await stage
    .as("manager")
    .api.run(
      "mutation DemoRequired($input: SetVendorDocumentRequirementsInput!) { setVendorDocumentRequirements(input: $input) { requirements { version } } }",
      { input: { requirements: [{ kind: "INSURANCE", categories: ["construction", "electrical"] }] } },
    );
}

/** The administrator records the terms; `vendor` records the contact and the insurance, which the manager checks. */
async function complete(stage: Stage, vendorId: string, vendor: Actor, record: VendorRecord): Promise<void> {
  const { api } = stage.as("admin");
  const rates = record.rates.map(({ cents, ...rate }) => ({ ...rate, amount: { amount: cents, currency: "EUR" } }));
  await api.run("mutation DemoRates($input: SetVendorRatesInput!) { setVendorRates(input: $input) { vendor { id } } }", {
    input: { id: vendorId, rates },
  });
  await api.run("mutation DemoAreas($input: SetVendorServiceAreasInput!) { setVendorServiceAreas(input: $input) { vendor { id } } }", {
    input: { id: vendorId, ...record.areas },
  });
  const { maxOpen, absence } = record.availability;
  const [fromDay, untilDay] = absence.map(dateIn);
  await api.run(
    "mutation DemoAvailability($input: SetVendorAvailabilityInput!) { setVendorAvailability(input: $input) { vendor { id } } }",
    { input: { id: vendorId, maxOpen, absences: [{ fromDay, untilDay, reason: "Company holidays" }] } },
  );
  await vendor.api.run("mutation DemoContact($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }", {
    input: { vendorId, ...record.contact, isPrimary: true },
  });
  await addDocument(stage, vendorId, vendor, { ...record.insurance, kind: "INSURANCE", title: "Liability insurance", isChecked: true });
}

async function addDocument(stage: Stage, vendorId: string, vendor: Actor, document: VendorDocument): Promise<void> {
  const { kind, title, number, issuedIn, endsIn, isChecked } = document;
  const validUntil = dateIn(endsIn);
  const fileId = await vendor.api.upload(`${number}.txt`, `${title} ${number}\nValid until ${validUntil}\n`);
  const { addVendorDocument } = await vendor.api.run<{ addVendorDocument: { document: { id: string } } }>(
    "mutation DemoDocument($input: AddVendorDocumentInput!) { addVendorDocument(input: $input) { document { id } } }",
    { input: { vendorId, fileId, kind, title, number, issuedOn: dateIn(issuedIn), validUntil } },
  );
  if (!isChecked) return;
  await stage
    .as("manager")
    .api.run("mutation DemoReview($input: ReviewVendorDocumentInput!) { reviewVendorDocument(input: $input) { document { status } } }", {
      input: { id: addVendorDocument.document.id, decision: "ACCEPT" },
    });
}
