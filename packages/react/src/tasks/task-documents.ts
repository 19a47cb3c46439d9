import { formFields } from "../forms/model/form.js";
import { slaClockFields } from "../sla/sla-time.js";
import { transitionFields } from "../transitions/transition.js";

/** @param more fields that the application wants, too */
export const taskQuery = (more: string): string => `query WeftTask($id: ID!) { liveCursor task(id: $id) {
  id version title instructions status isSuspended state priority dueAt isOverdue createdAt claimedAt candidateRoles
  assignee { id name } checklist { key title isDone } question { id text asked { id name } } subject { __typename id }
  form { ${formFields} } availableTransitions { ${transitionFields} } slaStatus { ${slaClockFields} }
  instance { id version definitionKey state stateTitle status } ${more} } }`;

export const taskChanged = "subscription WeftTaskChanged($after: String) { taskChanged(after: $after) { cursor occurredAt task { id } } }";

export const claimTask = "mutation WeftClaimTask($input: KeyedIdInput!) { claimTask(input: $input) { task { id version } } }";
export const releaseTask =
  "mutation WeftReleaseTask($input: KeyedVersionedIdInput!) { releaseTask(input: $input) { task { id version } } }";
export const delegateTask = "mutation WeftDelegateTask($input: DelegateTaskInput!) { delegateTask(input: $input) { task { id version } } }";
export const completeTask = `mutation WeftCompleteTask($input: CompleteTaskInput!) { completeTask(input: $input) {
  task { id status } instance { id version state stateTitle } nextTasks { id title } } }`;
