import { readApiSchema } from "@weft/api/step-operations";
import { runSubgraph } from "@weft/api/subgraph";
import { useApiSchema } from "./automation/api-schema.js";
import { createWorkflowMetrics } from "./metrics.js";
import { workflowsSubgraph } from "./schema.js";

useApiSchema(() => readApiSchema(new URL("../../../schema.graphql", import.meta.url)));

await runSubgraph(workflowsSubgraph(), { metrics: createWorkflowMetrics() });
