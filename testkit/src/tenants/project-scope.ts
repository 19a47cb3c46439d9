import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";

/** A definition `scope-change-approval` with which the owner decides alone. */
export const scopeChangeApproval = `weft: 1
key: scope-change-approval
name: Approval of a scope change
data:
  type: object
  required: [project, number, reason]
  properties:
    project: { type: string }
    number: { type: integer }
    reason: { type: string }
    addedItems: { type: integer }
    finishByMinutes: { type: integer }
    budgetBy: { type: number }
initial: review
states:
  review:
    transitions:
      approve: { to: approved }
      reject: { to: rejected, comment: required }
      drop: { to: dropped, comment: optional }
  approved: { final: completed }
  rejected: { final: rejected }
  dropped: { final: cancelled }
`;

/** Creates a scope item, and returns its ID. */
export async function aScopeItem(user: TestUser, projectId: string, title = "Doors", more: object = {}): Promise<string> {
  const { createScopeItem } = await user.run<{ createScopeItem: { scopeItem: { id: string } } }>(
    "mutation ($input: CreateScopeItemInput!) { createScopeItem(input: $input) { scopeItem { id } } }",
    { input: { projectId, title, ...more } },
  );
  return createScopeItem.scopeItem.id;
}

export const approveScope = (user: TestUser, projectId: string) =>
  user.run("mutation ($id: ID!) { approveScope(input: { id: $id }) { scopeVersion { number } } }", { id: projectId });

/** Proposes a change of an approved scope. Without further input, it adds an item. */
export async function aScopeChange(
  user: TestUser,
  projectId: string,
  more: object = { addedItems: [{ title: "Windows" }] },
): Promise<{ readonly id: string; readonly instanceId: string }> {
  const { proposeScopeChange } = await user.run<{ proposeScopeChange: { scopeChange: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: ProposeScopeChangeInput!) { proposeScopeChange(input: $input) { scopeChange { id workflow { id } } } }",
    { input: { projectId, reason: "The client asks for it.", ...more } },
  );
  const { id, workflow } = proposeScopeChange.scopeChange;
  return { id, instanceId: workflow.id };
}

/** Fires a transition of the approval of a change. */
export const decideScopeChange = (user: TestUser, instanceId: string, transition = "approve", comment?: string) =>
  user.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id status } } }", {
    input: { instanceId, transition, comment },
  });

/** Sets a baseline, and returns its ID. */
export async function aBaseline(user: TestUser, projectId: string, name = "Plan"): Promise<string> {
  const { setProjectBaseline } = await user.run<{ setProjectBaseline: { baseline: { id: string } } }>(
    "mutation ($input: SetProjectBaselineInput!) { setProjectBaseline(input: $input) { baseline { id } } }",
    { input: { projectId, name } },
  );
  return setProjectBaseline.baseline.id;
}

/** Gives a project an approved scope, two changes, of which one is applied, and a baseline. */
export async function newScopeWithChanges(tenant: TestTenant, projectId: string): Promise<void> {
  const { admin } = tenant;
  await tenant.definition(scopeChangeApproval);
  await aScopeItem(admin, projectId);
  await aScopeItem(admin, projectId, "Floors");
  await aBaseline(admin, projectId);
  await approveScope(admin, projectId);
  const { instanceId } = await aScopeChange(admin, projectId);
  await decideScopeChange(admin, instanceId);
  await aScopeChange(admin, projectId, { addedItems: [{ title: "Stairs" }] });
}

/** Makes a change of an approved scope that becomes stale, and returns its ID. */
export async function aStaleChange(admin: TestUser, projectId: string): Promise<string> {
  const [one, other] = [await aScopeChange(admin, projectId), await aScopeChange(admin, projectId)];
  for (const { instanceId } of [one, other]) await decideScopeChange(admin, instanceId);
  return other.id;
}
