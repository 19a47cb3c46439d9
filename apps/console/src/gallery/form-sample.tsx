import { Button } from "@mantine/core";
import { WeftForm } from "@weft/react";
import { useState } from "react";
import { formOf } from "../parts/console-form";

const sample = formOf({
  title: "A form",
  required: ["summary", "urgency"],
  data: { urgency: "high", isUrgent: true },
  fields: {
    summary: {
      label: "Summary",
      type: "text",
      schema: { type: "string", minLength: 3 },
      help: "A help text says what is not in the label.",
    },
    description: { label: "Description", type: "text", schema: { type: "string" }, isMultiline: true },
    urgency: {
      label: "Urgency",
      type: "choice",
      schema: {
        type: "string",
        oneOf: [
          { const: "low", title: "Low" },
          { const: "high", title: "High" },
        ],
      },
    },
    estimate: { label: "Estimate", type: "number", schema: { type: "number", minimum: 0 } },
    neededAt: { label: "Needed at", type: "date", schema: { type: "string", format: "date-time" } },
    isUrgent: { label: "Somebody is in danger", type: "boolean", schema: { type: "boolean" } },
  },
});

/** All of a form: labels, help, problems at their fields. Submit it to see the problems. */
export function FormSample() {
  const [sent, setSent] = useState<string | null>(null);
  return (
    <div className="card">
      <WeftForm form={sample} onSubmit={(answers) => setSent(JSON.stringify(answers))}>
        <p className="actions">
          <Button type="submit">Send</Button>
          <Button variant="default">Save for later</Button>
          <Button variant="subtle">Cancel</Button>
        </p>
      </WeftForm>
      {sent !== null && <p className="notice good">{sent}</p>}
    </div>
  );
}
