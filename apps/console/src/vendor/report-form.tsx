import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useAction, WeftForm } from "@weft/react";
import { useState } from "react";
import { formOf } from "../parts/console-form";
import { keepDraft, readDraft } from "../parts/draft-storage";
import { OnAnswers } from "../parts/on-answers";
import { reportProgress, type VendorProjectTask } from "./vendor-operations";

interface ReportFormProps {
  readonly task: VendorProjectTask;
  readonly viewerId: string;
  readonly onReported: () => void;
  /** Called when a report was refused: somebody else can have changed the task. */
  readonly onRefused: () => void;
}

/** Reports how far a task of a project is. What was entered survives a reload until it is sent. */
export function ReportForm({ task: { id, version, percentComplete }, viewerId, onReported, onRefused }: ReportFormProps) {
  const { t } = useLingui();
  const { run, error, reset } = useAction(reportProgress);
  const place = `report:${id}`;
  const [kept] = useState(() => readDraft(viewerId, place) as object | null);
  /** Versions of the task: what the user has begun to type for, and what they have seen since. Null: nothing is typed. */
  const [typed, setTyped] = useState<{ readonly from: number; readonly seen: number } | null>(kept && { from: version, seen: version });
  const expectedVersion = typed?.seen ?? version;
  const isBehind = expectedVersion !== version;
  const acknowledge = (): void => {
    setTyped(typed && { ...typed, seen: version });
    reset();
  };
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
    data: kept ?? { percentComplete },
  });
  return (
    <section className="card" aria-label={t`Report progress`}>
      <h2>
        <Trans>Report progress</Trans>
      </h2>
      {isBehind && (
        <p role="alert" className="notice warn">
          <Trans>Somebody else has changed this task in the meantime. This is how it is now.</Trans> {t`${percentComplete} % done`}{" "}
          <button type="button" className="link" onClick={acknowledge}>
            <Trans>I have seen it</Trans>
          </button>
        </p>
      )}
      <WeftForm
        key={typed?.from ?? version}
        form={form}
        prefix="input"
        error={isBehind && error?.code === "CONFLICT" ? null : error}
        onSubmit={async ({ percentComplete: percent, workedHours, note }) => {
          const workedMinutes = typeof workedHours === "number" ? Math.round(workedHours * 60) : 0;
          const input = {
            id,
            expectedVersion,
            percentComplete: percent as number,
            workedMinutes,
            ...(typeof note === "string" && { note }),
          };
          if (!(await run({ input }))) return onRefused();
          keepDraft(viewerId, place, null);
          onReported();
        }}
      >
        {({ answers, isSubmitting }) => (
          <div className="buttons">
            <OnAnswers
              answers={answers}
              onChanged={(changed) => {
                setTyped((before) => before ?? { from: version, seen: version });
                keepDraft(viewerId, place, changed);
              }}
            />
            <Button type="submit" loading={isSubmitting}>
              <Trans>Report</Trans>
            </Button>
          </div>
        )}
      </WeftForm>
    </section>
  );
}
