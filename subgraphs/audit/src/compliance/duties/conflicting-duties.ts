/** A permission, and the actions of the audit log by which somebody uses it. */
export interface Duty {
  readonly permission: string;
  readonly actions: readonly string[];
}

/** Two duties that nobody should have alone. */
export interface ConflictingDuties {
  readonly name: string;
  /**
   * Whether they conflict only for the same object: a contract that somebody writes and sends for signature. Otherwise, they conflict whatever they are
   * about: who defines a role must not assign it.
   */
  readonly isSameObject: boolean;
  readonly first: Duty;
  readonly second: Duty;
}

const duty = (permission: string, ...actions: readonly string[]): Duty => ({ permission, actions });

/** Pairs of duties that a report on the separation of duties checks by default: one prepares what the other decides. */
export const usualConflicts: readonly ConflictingDuties[] = [
  {
    name: "Write and publish workflow definitions",
    isSameObject: true,
    first: duty("definition.create", "definition.create", "definition.update"),
    second: duty("definition.publish", "definition.publish", "definition.promote"),
  },
  {
    name: "Write contracts, and submit, renew or terminate them",
    isSameObject: true,
    first: duty("contract.update", "contract.create", "contract.update", "contract.createVersion"),
    second: duty("contract.sign", "contract.submit", "contract.renew", "contract.terminate"),
  },
  {
    name: "Create and suspend, block or reinstate vendors",
    isSameObject: true,
    first: duty("vendor.create", "vendor.create", "vendor.startOnboarding"),
    second: duty("vendor.approve", "vendor.suspend", "vendor.block", "vendor.reinstate"),
  },
  {
    name: "Submit and review documents of vendors",
    isSameObject: true,
    first: duty("vendorDocument.create", "vendorDocument.create", "vendorDocument.update"),
    second: duty("vendorDocument.review", "vendorDocument.accept", "vendorDocument.reject"),
  },
  {
    // The objects are the parts of a scope and the version that contains them.
    name: "Change and approve the scope of projects",
    isSameObject: false,
    first: duty("scope.update", "scopeItem.create", "scopeItem.update", "scopeItem.delete", "scopeChange.propose"),
    second: duty("scope.approve", "scope.approve"),
  },
  {
    name: "Define roles and assign them to users",
    isSameObject: false,
    first: duty("role.update", "role.create", "role.update", "role.setPermissions"),
    second: duty("user.update", "user.update", "user.setPermissions"),
  },
];
