import type { JsonObject, WeftError } from "@weft/client";
import { useEffect, useId, useRef, useState, type ComponentType, type ReactNode } from "react";
import type { Action } from "../actions/use-action.js";
import { ErrorMessage } from "../errors/error-message.js";
import type { FormDescription } from "../forms/model/form.js";
import { serverProblems } from "../forms/model/problems.js";
import { useForm } from "../forms/use-form.js";
import { FormFields, FormProblems, type FormComponents } from "../forms/weft-form.js";
import { useTexts } from "../provider/weft-provider.js";
import type { AvailableTransition } from "./transition.js";

/** What fires a transition: `fire` of `useTransitions`, or `complete` of `useTask`. */
export type TransitionAction = Action<
  {
    readonly transition: string;
    readonly input?: JsonObject | undefined;
    readonly comment?: string | undefined;
    readonly expectedVersion?: number | undefined;
  },
  unknown
>;

/** What a user has filled in for a transition, and not sent yet. */
export interface TransitionDraft {
  /** Answers to the transition's form. Empty if it has none. */
  readonly input: JsonObject;
  readonly comment: string;
}

/** Where drafts are kept while the user types, such as `sessionStorage`: then they survive a reload of the page. */
export interface TransitionDrafts {
  /** Returns what was kept for a transition. Null: nothing. */
  readonly read: (transition: string) => TransitionDraft | null;
  /** Null: it was sent, or the user has canceled it. */
  readonly keep: (transition: string, draft: TransitionDraft | null) => void;
}

export interface TransitionButtonProps {
  readonly transition: AvailableTransition;
  /** For the element `button`. */
  readonly buttonProps: {
    readonly type: "button";
    readonly "aria-disabled": boolean;
    readonly "aria-describedby": string | undefined;
    readonly "aria-expanded": boolean | undefined;
    readonly onClick: () => void;
  };
}

export interface TransitionButtonsProps {
  readonly transitions: readonly AvailableTransition[];
  readonly action: TransitionAction;
  /** Version of the instance on the screen. What the user begins to fill in belongs to the version at that moment. */
  readonly version: number | null;
  /** Called after a transition. */
  readonly onFired?: (transition: AvailableTransition) => void;
  /** Draws a button. Default: a plain one with the transition's title. */
  readonly button?: ComponentType<TransitionButtonProps>;
  readonly components?: FormComponents;
  /** Keeps what the user fills in. A transition with a draft is open from the beginning. Create it once, outside of the render or with `useMemo`. */
  readonly drafts?: TransitionDrafts | undefined;
}

interface Opened {
  readonly name: string;
  /** Whether the user has opened it: then its first field gets the focus. */
  readonly isChosen: boolean;
  /** The version that the user saw. Null: the present one, because the user was told of a conflict. */
  readonly version: number | null;
}

/**
 * A button for each transition. One that is not allowed can still get the focus, and is described by its reasons. One that needs a comment or has a
 * form opens a panel for them.
 */
export function TransitionButtons(props: TransitionButtonsProps): ReactNode {
  const { transitions, action, version, onFired, button: Button = PlainButton, components = {}, drafts } = props;
  const [opened, setOpened] = useState<Opened | null>(null);
  const [restored, setRestored] = useState<TransitionDrafts>();
  // The transitions can be loaded later, and where drafts are kept can be known only when the user is.
  if (drafts !== restored && transitions.length > 0) {
    setRestored(drafts);
    const begun = transitions.find((one) => one.allowed && hasPanel(one) && drafts?.read(one.name));
    if (opened === null && begun) setOpened({ name: begun.name, version, isChosen: false });
  }
  const texts = useTexts();
  const id = useId();
  const group = useRef<HTMLDivElement | null>(null);
  const holdsFocus = useRef(false);
  useEffect(() => {
    if (!holdsFocus.current) return;
    const { activeElement } = document;
    // What the user has pressed is gone: the keyboard goes on from here, not from the top of the page.
    if (activeElement === document.body) group.current?.focus();
    holdsFocus.current = group.current?.contains(activeElement) ?? false;
  });
  const isConflict = action.error?.code === "CONFLICT";
  const current = transitions.find(({ name, allowed }) => allowed && name === opened?.name) ?? null;
  const close = (): void => {
    const index = transitions.findIndex(({ name }) => name === opened?.name);
    setOpened(null);
    // Back to where the user came from.
    group.current?.querySelectorAll<HTMLElement>("[data-weft=transition] button")[index]?.focus();
  };
  const fire = async (transition: AvailableTransition, input?: JsonObject, comment?: string): Promise<void> => {
    const seen = opened?.version ?? version;
    // Before the answer: a button that is disabled meanwhile loses the focus.
    const hadFocus = group.current?.contains(document.activeElement) ?? false;
    const given = { transition: transition.name, ...(input && { input }), ...(comment !== undefined && { comment }) };
    const result = await action.run({ ...given, ...(seen !== null && { expectedVersion: seen }) });
    if (result === null) return setOpened((before) => before && { ...before, version: null });
    holdsFocus.current = hadFocus;
    setOpened(null);
    // Also what was begun for another transition: it was about the state before.
    for (const { name } of transitions) drafts?.keep(name, null);
    onFired?.(transition);
  };
  return (
    <div ref={group} tabIndex={-1} role="group" aria-label={texts.transitions} aria-busy={action.isPending} data-weft="transitions">
      {transitions.map((transition, index) => {
        const { name, allowed, reasons } = transition;
        const reasonsId = `${id}${index}`;
        const onClick = (): void => {
          if (!allowed || action.isPending) return;
          if (opened?.name !== name) action.reset();
          if (!hasPanel(transition)) return void fire(transition);
          setOpened({ name, version, isChosen: true });
        };
        return (
          <span key={name} data-weft="transition" data-name={name}>
            <Button
              transition={transition}
              buttonProps={{
                type: "button",
                "aria-disabled": !allowed || action.isPending,
                "aria-describedby": reasons.length > 0 ? reasonsId : undefined,
                "aria-expanded": hasPanel(transition) && allowed ? current?.name === name : undefined,
                onClick,
              }}
            />
            {reasons.length > 0 && (
              <ul id={reasonsId} data-weft="reasons">
                {reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            )}
          </span>
        );
      })}
      {current ? (
        <TransitionPanel
          key={current.name}
          transition={current}
          error={action.error}
          components={components}
          drafts={drafts}
          takesFocus={opened?.isChosen ?? false}
          onClose={close}
          onSubmit={(input, comment) => fire(current, input, comment)}
        />
      ) : (
        <ErrorMessage error={action.error} />
      )}
      {current && isConflict && <ErrorMessage error={action.error} />}
    </div>
  );
}

const hasPanel = ({ requiresComment, form }: AvailableTransition): boolean => requiresComment || form !== null;

const PlainButton = ({ transition, buttonProps }: TransitionButtonProps): ReactNode => <button {...buttonProps}>{transition.title}</button>;

interface PanelProps {
  readonly transition: AvailableTransition;
  readonly error: WeftError | null;
  readonly components: FormComponents;
  readonly drafts: TransitionDrafts | undefined;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
  readonly onSubmit: (input: JsonObject | undefined, comment: string | undefined) => Promise<void>;
}

/** A transition without a form. */
const noForm: FormDescription = { name: "", title: null, description: null, schema: {}, uiSchema: {}, data: {} };

function TransitionPanel({ transition, error, components, drafts, takesFocus, onClose, onSubmit }: PanelProps): ReactNode {
  const { name, title, requiresComment, form: description } = transition;
  const texts = useTexts();
  const id = useId();
  const panel = useRef<HTMLFormElement | null>(null);
  const [kept] = useState(() => drafts?.read(name) ?? null);
  const [comment, setComment] = useState(kept?.comment ?? "");
  const [isRefused, setRefused] = useState(false);
  const needsComment = requiresComment && comment.trim() === "";
  const form = useForm(description === null ? noForm : kept === null ? description : { ...description, data: kept.input }, {
    error,
    onSubmit: (answers) => {
      if (needsComment) {
        setRefused(true);
        document.getElementById(`${id}comment`)?.focus();
        return;
      }
      return onSubmit(description ? answers : undefined, comment.trim() === "" ? undefined : comment);
    },
  });
  useEffect(() => {
    if (takesFocus) panel.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, []);
  const { answers } = form;
  const [begun] = useState({ answers, comment });
  useEffect(() => {
    if (answers !== begun.answers || comment !== begun.comment) drafts?.keep(name, { input: answers, comment });
  }, [answers, comment]);
  const cancel = (): void => {
    drafts?.keep(name, null);
    onClose();
  };
  const ofComment = serverProblems(error, "input").find(({ path }) => path.length === 1 && path[0] === "comment");
  const problem = isRefused && needsComment ? texts.required : (ofComment?.message ?? null);
  // The problem of the comment is shown at it.
  const others = { ...form, problems: form.problems.filter(({ path }) => path.join(".") !== "input.comment") };
  return (
    <form
      {...form.formProps}
      ref={panel}
      aria-label={title}
      data-weft="panel"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      {form.model.description !== null && <p>{form.model.description}</p>}
      <FormFields form={form} components={components} />
      <div data-weft="field" data-name="comment">
        <label htmlFor={`${id}comment`}>
          {texts.comment}
          {requiresComment ? <span aria-hidden="true"> *</span> : ` (${texts.optional})`}
        </label>{" "}
        <textarea
          id={`${id}comment`}
          value={comment}
          aria-required={requiresComment}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `${id}problem`}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {problem !== null && (
          <p id={`${id}problem`} data-weft="problem">
            {problem}
          </p>
        )}
      </div>
      <FormProblems form={others} error={error?.code === "CONFLICT" ? null : error} />
      <button type="submit" disabled={form.isSubmitting}>
        {title}
      </button>{" "}
      <button type="button" onClick={cancel}>
        {texts.cancel}
      </button>
    </form>
  );
}
