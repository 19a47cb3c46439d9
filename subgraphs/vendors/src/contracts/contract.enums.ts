import { registerEnumType } from "type-graphql";

export enum ContractKind {
  SERVICE = "SERVICE",
  SUPPLY = "SUPPLY",
  MAINTENANCE = "MAINTENANCE",
  FRAMEWORK = "FRAMEWORK",
  OTHER = "OTHER",
}
registerEnumType(ContractKind, { name: "ContractKind", description: "What a contract is about." });

export enum ContractStatus {
  DRAFT = "DRAFT",
  IN_APPROVAL = "IN_APPROVAL",
  SIGNED = "SIGNED",
  ACTIVE = "ACTIVE",
  EXPIRED = "EXPIRED",
  TERMINATED = "TERMINATED",
}
registerEnumType(ContractStatus, {
  name: "ContractStatus",
  description: "Status of a contract.",
  valuesConfig: {
    DRAFT: { description: "No version was signed yet." },
    IN_APPROVAL: { description: "The first version waits for its approval." },
    SIGNED: { description: "A version is signed, and its first day has not come." },
    ACTIVE: { description: "In force." },
    EXPIRED: { description: "The last day is over." },
    TERMINATED: { description: "Ended by `terminateContract`." },
  },
});

export enum ContractVersionStatus {
  DRAFT = "DRAFT",
  IN_APPROVAL = "IN_APPROVAL",
  SIGNED = "SIGNED",
}
registerEnumType(ContractVersionStatus, {
  name: "ContractVersionStatus",
  description: "Status of a version of a contract.",
  valuesConfig: {
    DRAFT: { description: "Can be changed with `updateContract`." },
    IN_APPROVAL: { description: "Waits for its approval, and cannot be changed." },
    SIGNED: { description: "Approved. It never changes." },
  },
});

export enum ContractPartyRole {
  CLIENT = "CLIENT",
  CONTRACTOR = "CONTRACTOR",
  GUARANTOR = "GUARANTOR",
}
registerEnumType(ContractPartyRole, { name: "ContractPartyRole", description: "Role of a party of a contract." });

export enum ContractRenewal {
  NONE = "NONE",
  MANUAL = "MANUAL",
  AUTOMATIC = "AUTOMATIC",
}
registerEnumType(ContractRenewal, {
  name: "ContractRenewal",
  description: "What happens at the end of a contract.",
  valuesConfig: {
    NONE: { description: "It ends." },
    MANUAL: { description: "It ends, unless somebody renews it." },
    AUTOMATIC: { description: "It is extended by a number of months." },
  },
});
