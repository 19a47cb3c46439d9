import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { TransitionRejectedError, WeftError } from "@weft/client";
import { useAction, useWeft, WeftForm, type FormController, type FormDescription } from "@weft/react";
import { useState } from "react";
import { keepDraft, readDraft } from "../parts/draft-storage";
import { OnAnswers } from "../parts/on-answers";
import { createRequest, submitRequest, updateRequest } from "./portal-operations";

interface Saved {
  readonly id: string;
  readonly version: number;
}

interface RequestFormProps {
  readonly typeKey: string;
  readonly viewerId: string;
  readonly form: FormDescription;
  /** The request that was saved for later. Null: it is a new one. */
  readonly saved: Saved | null;
}

type Answers = FormController["answers"];

/** Fills in a request. What was entered survives a reload, and is forgotten once Weft has it. */
export function RequestForm({ typeKey, viewerId, form, saved }: RequestFormProps) {
  const navigate = useNavigate();
  const place = `request:${saved?.id ?? typeKey}`;
  const [round, setRound] = useState(0);
  const [{ draft }, setDraft] = useState(() => ({ draft: readDraft(viewerId, place) }));
  const create = useAction(createRequest);
  const update = useAction(updateRequest);
  const client = useWeft();
  const initial = draft === null ? form : { ...form, data: draft };

  async function save(answers: Answers): Promise<Saved | null> {
    if (saved === null) return (await create.run({ input: answers as never }))?.createRequest?.request ?? null;
    const { data, buildingId = null, assetId = null, spaceId } = answers as Readonly<Record<string, string | null | undefined>>;
    const places = { buildingId, assetId, ...(spaceId !== undefined && { spaceId }) };
    const changed = await update.run({ input: { id: saved.id, expectedVersion: saved.version, data, ...places } });
    return changed?.updateRequest?.request ?? null;
  }
  async function send(answers: Answers, submitter: string | null): Promise<void> {
    const request = await save(answers);
    if (request === null) return;
    keepDraft(viewerId, place, null);
    // If it is refused, the request is there as a draft, and its page says why.
    const refusal = submitter === "later" ? null : await submit(request);
    const state = refusal === null ? {} : { refusal };
    await navigate({ to: "/portal/requests/$id", params: { id: request.id }, state, replace: true });
  }
  /** Sends a draft. Returns why that was refused, if it was. */
  async function submit({ id, version }: Saved): Promise<readonly string[] | null> {
    try {
      await client.mutate(submitRequest, { input: { id, expectedVersion: version } });
      return null;
    } catch (problem) {
      if (!(problem instanceof WeftError)) throw problem;
      const reasons = problem instanceof TransitionRejectedError ? problem.reasons : [];
      return [problem.message, ...reasons.map(({ message }) => message)];
    }
  }
  const startOver = (): void => {
    keepDraft(viewerId, place, null);
    setDraft({ draft: null });
    setRound(round + 1);
    create.reset();
    update.reset();
  };
  return (
    <>
      {draft !== null && (
        <p className="notice" role="status">
          <Trans>This is what you had entered.</Trans>{" "}
          <button type="button" className="link" onClick={startOver}>
            <Trans>Start over</Trans>
          </button>
        </p>
      )}
      <WeftForm key={round} form={initial} prefix="input" error={create.error ?? update.error} onSubmit={send}>
        {(controller) => <Buttons controller={controller} onChanged={(answers) => keepDraft(viewerId, place, answers)} />}
      </WeftForm>
    </>
  );
}

interface ButtonsProps {
  readonly controller: FormController;
  readonly onChanged: (answers: Answers) => void;
}

function Buttons({ controller: { answers, isSubmitting }, onChanged }: ButtonsProps) {
  const { t } = useLingui();
  return (
    <div className="buttons">
      <OnAnswers answers={answers} onChanged={(changed) => !isSubmitting && onChanged(changed)} />
      <Button type="submit" loading={isSubmitting}>
        <Trans>Send</Trans>
      </Button>
      <Button
        type="submit"
        value="later"
        variant="default"
        disabled={isSubmitting}
        title={t`You can send it later. Until then, only you work on it.`}
      >
        <Trans>Save for later</Trans>
      </Button>
    </div>
  );
}
