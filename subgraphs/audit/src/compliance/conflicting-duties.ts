/** A permission, and the actions of the audit log by which somebody uses it. */
export interface Duty {
  readonly permission: string;
  readonly actions: readonly string[];
}

/** Two duties that nobody should have alone. */
export interface ConflictingDuties {
  readonly name: string;
  readonly first: Duty;
  readonly second: Duty;
}

const duty = (permission: string, ...actions: readonly string[]): Duty => ({ permission, actions });

/** Pairs of duties that a report on the separation of duties checks by default: one prepares what the other decides. */
export const usualConflicts: readonly ConflictingDuties[] = [
  {
    name: "Write and publish workflow definitions",
    first: duty("definition.create", "definition.create", "definition.update"),
    second: duty("definition.publish", "definition.publish", "definition.promote"),
  },
  {
    name: "Write and sign contracts",
    first: duty("contract.create", "contract.create", "contract.createVersion"),
    second: duty("contract.sign", "contract.sign"),
  },
  {
    name: "Create and approve vendors",
    first: duty("vendor.create", "vendor.create"),
    second: duty("vendor.approve", "vendor.approve"),
  },
  {
    name: "Submit and review documents of vendors",
    first: duty("vendorDocument.create", "vendorDocument.create", "vendorDocument.update"),
    second: duty("vendorDocument.review", "vendorDocument.accept", "vendorDocument.reject"),
  },
  {
    name: "Change and approve the scope of projects",
    first: duty("scope.update", "scopeItem.create", "scopeItem.update", "scope.update", "scopeChange.propose"),
    second: duty("scope.approve", "scope.approve"),
  },
  {
    name: "Define roles and assign them to users",
    first: duty("role.update", "role.create", "role.update", "role.setPermissions"),
    second: duty("user.update", "user.update", "user.setPermissions"),
  },
];
