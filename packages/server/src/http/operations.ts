/** The operations of the middleware. Weft accepts them also where it accepts only stored ones: `pnpm operations` tells the gateway. */

const fields = "id status state data";

export const startWorkflow = `mutation StartForRequest($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { ${fields} } } }`;
export const readWorkflow = `query ReadForRequest($id: ID!) { workflowInstance(id: $id) { ${fields} } }`;
