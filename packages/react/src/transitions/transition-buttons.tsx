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
}

interface Opened {
  readonly name: string;
  /** The version that the user saw. Null: the present one, because the user was told of a conflict. */
  readonly version: number | null;
}

/**
 * A button for each transition. One that is not allowed can still get the focus, and is described by its reasons. One that needs a comment or has a
 * form opens a panel for them.
 */
export function TransitionButtons(props: TransitionButtonsProps): ReactNode {
  const { transitions, action, version, onFired, button: Button = PlainButton, components = {} } = props;
  const [opened, setOpened] = useState<Opened | null>(null);
  const texts = useTexts();
  const id = useId();
  const group = useRef<HTMLDivElement | null>(null);
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
    const given = { transition: transition.name, ...(input && { input }), ...(comment !== undefined && { comment }) };
    const result = await action.run({ ...given, ...(seen !== null && { expectedVersion: seen }) });
    if (result === null) return setOpened((before) => before && { ...before, version: null });
    setOpened(null);
    onFired?.(transition);
  };
  return (
    <div ref={group} role="group" aria-label={texts.transitions} aria-busy={action.isPending} data-weft="transitions">
      {transitions.map((transition, index) => {
        const { name, allowed, reasons, requiresComment, form } = transition;
        const reasonsId = `${id}${index}`;
        const hasPanel = requiresComment || form !== null;
        const onClick = (): void => {
          if (!allowed || action.isPending) return;
          if (opened?.name !== name) action.reset();
          if (!hasPanel) return void fire(transition);
          setOpened({ name, version });
        };
        return (
          <span key={name} data-weft="transition" data-name={name}>
            <Button
              transition={transition}
              buttonProps={{
                type: "button",
                "aria-disabled": !allowed || action.isPending,
                "aria-describedby": reasons.length > 0 ? reasonsId : undefined,
                "aria-expanded": hasPanel && allowed ? current?.name === name : undefined,
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
          onCancel={close}
          onSubmit={(input, comment) => fire(current, input, comment)}
        />
      ) : (
        <ErrorMessage error={action.error} />
      )}
      {current && isConflict && <ErrorMessage error={action.error} />}
    </div>
  );
}

const PlainButton = ({ transition, buttonProps }: TransitionButtonProps): ReactNode => <button {...buttonProps}>{transition.title}</button>;

interface PanelProps {
  readonly transition: AvailableTransition;
  readonly error: WeftError | null;
  readonly components: FormComponents;
  readonly onCancel: () => void;
  readonly onSubmit: (input: JsonObject | undefined, comment: string | undefined) => Promise<void>;
}

/** A transition without a form. */
const noForm: FormDescription = { name: "", title: null, description: null, schema: {}, uiSchema: {}, data: {} };

function TransitionPanel({ transition, error, components, onCancel, onSubmit }: PanelProps): ReactNode {
  const { title, requiresComment, form: description } = transition;
  const texts = useTexts();
  const id = useId();
  const panel = useRef<HTMLFormElement | null>(null);
  const [comment, setComment] = useState("");
  const [isRefused, setRefused] = useState(false);
  const needsComment = requiresComment && comment.trim() === "";
  const form = useForm(description ?? noForm, {
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
    panel.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, []);
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
        if (event.key === "Escape" && !event.defaultPrevented) onCancel();
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
      <button type="button" onClick={onCancel}>
        {texts.cancel}
      </button>
    </form>
  );
}
