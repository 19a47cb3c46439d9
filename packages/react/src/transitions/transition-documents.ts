import { transitionFields } from "./transition.js";

export const transitionsQuery = `query WeftTransitions($id: ID!) { liveCursor workflowInstance(id: $id) {
  id version definitionKey state stateTitle status availableTransitions { ${transitionFields} } } }`;

export const workflowTransitioned =
  "subscription WeftTransitioned($instanceId: ID!, $after: String) { workflowTransitioned(instanceId: $instanceId, after: $after) { cursor occurredAt version } }";

export const fireTransition = `mutation WeftFireTransition($input: FireTransitionInput!) { fireTransition(input: $input) {
  instance { id version state stateTitle status } } }`;
