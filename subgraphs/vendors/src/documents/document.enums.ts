import { registerEnumType } from "type-graphql";

export enum VendorDocumentStatus {
  SUBMITTED = "SUBMITTED",
  ACCEPTED = "ACCEPTED",
  REJECTED = "REJECTED",
}
registerEnumType(VendorDocumentStatus, {
  name: "VendorDocumentStatus",
  description: "Status of a document of a vendor.",
  valuesConfig: {
    SUBMITTED: { description: "Waits for its review." },
    ACCEPTED: { description: "Counts until it expires." },
    REJECTED: { description: "Does not count." },
  },
});

export enum VendorDocumentDecision {
  ACCEPT = "ACCEPT",
  REJECT = "REJECT",
}
registerEnumType(VendorDocumentDecision, { name: "VendorDocumentDecision", description: "Result of a review." });

export enum MissingDocumentReason {
  MISSING = "MISSING",
  EXPIRED = "EXPIRED",
  NOT_REVIEWED = "NOT_REVIEWED",
  REJECTED = "REJECTED",
}
registerEnumType(MissingDocumentReason, {
  name: "MissingDocumentReason",
  description: "Why a required document does not count.",
  valuesConfig: {
    MISSING: { description: "The vendor has no document of the kind." },
    EXPIRED: { description: "The documents of the kind have expired." },
    NOT_REVIEWED: { description: "A document of the kind waits for its review." },
    REJECTED: { description: "The documents of the kind were rejected." },
  },
});
