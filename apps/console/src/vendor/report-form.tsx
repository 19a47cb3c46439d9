import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useAction, WeftForm, type FormController } from "@weft/react";
import { useEffect, useState } from "react";
import { formOf } from "../parts/console-form";
import { reportProgress, type VendorProjectTask } from "./vendor-operations";

interface ReportFormProps {
  readonly task: VendorProjectTask;
  readonly onReported: () => void;
  /** Called when a report was refused: somebody else can have changed the task. */
  readonly onRefused: () => void;
}

/** Reports how far a task of a project is. */
export function ReportForm({ task: { id, version, percentComplete }, onReported, onRefused }: ReportFormProps) {
  const { t } = useLingui();
  const { run, error, reset } = useAction(reportProgress);
  /** Versions of the task: what the user has begun to type for, and what they have seen since. Null: nothing is typed. */
  const [typed, setTyped] = useState<{ readonly from: number; readonly seen: number } | null>(null);
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
    data: { percentComplete },
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
          if (await run({ input })) onReported();
          else onRefused();
        }}
      >
        {({ answers, isSubmitting }) => (
          <div className="buttons">
            <OnTyped answers={answers} onTyped={() => setTyped((before) => before ?? { from: version, seen: version })} />
            <Button type="submit" loading={isSubmitting}>
              <Trans>Report</Trans>
            </Button>
          </div>
        )}
      </WeftForm>
    </section>
  );
}

interface OnTypedProps {
  readonly answers: FormController["answers"];
  readonly onTyped: () => void;
}

/** Tells when the user begins to type. */
function OnTyped({ answers, onTyped }: OnTypedProps) {
  const [first] = useState(answers);
  useEffect(() => {
    if (answers !== first) onTyped();
  }, [answers]);
  return null;
}
