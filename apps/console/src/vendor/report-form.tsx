import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useAction, WeftForm } from "@weft/react";
import { formOf } from "../parts/console-form";
import { reportProgress, type VendorProjectTask } from "./vendor-operations";

interface ReportFormProps {
  readonly task: VendorProjectTask;
  readonly onDone: () => void;
}

/** Reports how far a task of a project is. */
export function ReportForm({ task: { id, version, percentComplete }, onDone }: ReportFormProps) {
  const { t } = useLingui();
  const { run, error } = useAction(reportProgress);
  const form = formOf({
    title: t`Report progress`,
    fields: {
      percentComplete: { label: t`Percent done`, type: "number", schema: { type: "integer", minimum: 0, maximum: 100 } },
      workedHours: {
        label: t`Hours worked since the last report`,
        type: "number",
        schema: { type: "number", minimum: 0, maximum: 10_000 },
      },
      note: { label: t`Note`, type: "text", schema: { type: "string", maxLength: 2_000 }, isMultiline: true },
    },
    required: ["percentComplete"],
    data: { percentComplete },
  });
  return (
    <section className="card" aria-label={t`Report progress`}>
      <h2>
        <Trans>Report progress</Trans>
      </h2>
      <WeftForm
        form={form}
        prefix="input"
        error={error}
        onSubmit={async ({ percentComplete: percent, workedHours, note }) => {
          const workedMinutes = typeof workedHours === "number" ? Math.round(workedHours * 60) : 0;
          const input = {
            id,
            expectedVersion: version,
            percentComplete: percent as number,
            workedMinutes,
            ...(typeof note === "string" && { note }),
          };
          if (await run({ input })) onDone();
        }}
      >
        {({ isSubmitting }) => (
          <div className="buttons">
            <Button type="submit" loading={isSubmitting}>
              <Trans>Report</Trans>
            </Button>
          </div>
        )}
      </WeftForm>
    </section>
  );
}
