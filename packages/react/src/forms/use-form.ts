import type { WeftError } from "@weft/client";
import { useCallback, useEffect, useId, useMemo, useRef, useState, type SyntheticEvent } from "react";
import { useLatest, useSame } from "../live/stable.js";
import { useTexts } from "../provider/weft-provider.js";
import { answersOf, initialAnswers, isEmpty, placeOf, shownFields, valueAt, withoutEmpty, withValue } from "./model/answers.js";
import { isRequired } from "./model/conditions.js";
import { readForm, type Answers, type FormDescription, type FormField, type FormModel, type Path } from "./model/form.js";
import { controlOf, problemsOf, serverProblems, type FormProblem } from "./model/problems.js";

export interface FormOptions {
  /**
   * Sends the answers.
   *
   * @param submitter value of the button that was pressed. Null: it has none, or the form was submitted with the Enter key
   */
  readonly onSubmit: (answers: Answers, submitter: string | null) => unknown;
  /** Error of the last attempt to send the answers. Problems of a BadUserInputError appear at their fields. */
  readonly error?: WeftError | null;
  /** Where the mutation takes the answers. Default: `input.input`, as `completeTask` and `fireTransition`. For `createRequest`: `input` */
  readonly prefix?: string;
}

/** A form while it is filled in. */
export interface FormController {
  readonly model: FormModel;
  /** The fields that are shown with the present answers, in order. */
  readonly fields: readonly FormField[];
  /** What would be sent now. */
  readonly answers: Answers;
  readonly valueAt: (path: Path) => unknown;
  readonly setValue: (path: Path, value: unknown) => void;
  /** Changes a value by what it is when the change is made. */
  readonly changeValue: (path: Path, change: (before: unknown) => unknown) => void;
  /** Call it when the user leaves a control: from then on, its problem is shown. */
  readonly touch: (path: Path) => void;
  /** What to show at a control. */
  readonly problemAt: (path: Path) => string | null;
  readonly isRequired: (field: FormField) => boolean;
  /** Problems that belong to no field of the form. */
  readonly problems: readonly FormProblem[];
  /** ID of the element of a control. The first one with a problem gets the focus when the form cannot be sent. */
  readonly idOf: (path: Path) => string;
  readonly isSubmitting: boolean;
  /** Sending the answers waits for this, such as for a file that is being uploaded. */
  readonly waitFor: (work: Promise<unknown>) => void;
  readonly submit: (submitter?: string | null) => Promise<void>;
  /** For the element `form`. */
  readonly formProps: { readonly noValidate: true; readonly onSubmit: (event: SyntheticEvent<HTMLFormElement>) => void };
}

/** Keeps the answers to a form. What the user has entered stays when the form is loaded again; to start over, give the component another `key`. */
export function useForm(form: FormDescription, { onSubmit, error = null, prefix = "input.input" }: FormOptions): FormController {
  const texts = useTexts();
  const same = useSame(form);
  const model = useMemo(() => readForm(same), [same]);
  const [entered, setEntered] = useState<Answers>(() => initialAnswers(model));
  // Also for what is sent before the next render.
  const current = useRef(entered);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [isSubmitted, setSubmitted] = useState(false);
  const [isSubmitting, setSubmitting] = useState(false);
  // Places that were changed since the server has found something wrong there, and the error for which that counts.
  const [changed, setChanged] = useState<{ readonly error: WeftError | null; readonly places: ReadonlySet<string> }>({
    error,
    places: new Set(),
  });
  const id = useId();
  const idOf = useCallback((path: Path) => `${id}${placeOf(path)}`, [id]);

  const fields = useMemo(() => shownFields(model, entered), [model, entered]);
  const known = useMemo(() => withoutEmpty(model.fields, entered), [model, entered]);
  const own = useMemo(() => problemsOf(model, entered, texts), [model, entered, texts]);
  const fromServer = useMemo(() => serverProblems(error, prefix), [error, prefix]);
  const corrected = changed.error === error ? changed.places : none;
  const shown = useMemo(() => {
    const byPlace = new Map<string, string>();
    const others: FormProblem[] = [];
    for (const problem of fromServer) {
      const place = controlOf(fields, problem.path);
      if (place === null) others.push(problem);
      else if (!corrected.has(place) && !byPlace.has(place)) byPlace.set(place, problem.message);
    }
    for (const { path, message } of own) {
      const place = controlOf(fields, path) ?? placeOf(path);
      if ((isSubmitted || touched.has(place)) && !byPlace.has(place)) byPlace.set(place, message);
    }
    return { byPlace, others };
  }, [fromServer, own, fields, corrected, isSubmitted, touched]);

  const focusOn = useCallback((path: Path) => document.getElementById(idOf(path))?.focus(), [idOf]);
  const focusFirst = useLatest(() => {
    const first = fields.flatMap((field) => placesOf(field, entered)).find((path) => shown.byPlace.has(placeOf(path)));
    if (first) focusOn(first);
  });
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals > 0 || fromServer.length > 0) focusFirst.current();
  }, [refusals, fromServer, focusFirst]);

  const changeValue = useCallback(
    (path: Path, change: (before: unknown) => unknown) => {
      current.current = withValue(current.current, path, change(valueAt(current.current, path)));
      setEntered(current.current);
      // A change in a row also concerns what the server says of the row's table.
      const places = path.map((_, index) => placeOf(path.slice(0, index + 1)));
      setChanged((before) => ({ error, places: new Set([...(before.error === error ? before.places : []), ...places]) }));
    },
    [error],
  );
  const setValue = useCallback((path: Path, value: unknown) => changeValue(path, () => value), [changeValue]);
  const touch = useCallback((path: Path) => setTouched((before) => new Set([...before, placeOf(path)])), []);
  const running = useRef(false);
  const awaited = useRef(new Set<Promise<unknown>>());
  const waitFor = useCallback((work: Promise<unknown>) => {
    const all = awaited.current;
    all.add(work);
    const forget = (): void => void all.delete(work);
    work.then(forget, forget);
  }, []);
  const latest = useLatest({ onSubmit, model, texts });
  const submit = async (submitter: string | null = null): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setSubmitting(true);
    try {
      while (awaited.current.size > 0) await Promise.allSettled(awaited.current);
      // What was awaited has changed the answers.
      const { onSubmit: send, ...now } = latest.current;
      setSubmitted(true);
      if (problemsOf(now.model, current.current, now.texts).length > 0) setRefusals((count) => count + 1);
      else await send(answersOf(now.model, current.current), submitter);
    } finally {
      running.current = false;
      setSubmitting(false);
    }
  };
  return {
    model,
    fields,
    answers: useMemo(() => answersOf(model, entered), [model, entered]),
    valueAt: (path) => valueAt(entered, path),
    setValue,
    changeValue,
    touch,
    problemAt: (path) => shown.byPlace.get(placeOf(path)) ?? null,
    isRequired: (field) => isRequired(model, field, known),
    problems: shown.others,
    idOf,
    isSubmitting,
    waitFor,
    submit,
    formProps: {
      noValidate: true,
      onSubmit: (event) => {
        event.preventDefault();
        const { submitter } = event.nativeEvent as SubmitEvent;
        void submit(submitter instanceof HTMLButtonElement && submitter.value !== "" ? submitter.value : null);
      },
    },
  };
}

const none: ReadonlySet<string> = new Set();

/** The places of a field that can have a problem, in the order of the page. */
function placesOf(field: FormField, answers: Answers): Path[] {
  const { path, type, columns, currencies } = field;
  if (type === "money" && currencies.length > 1) return [path, [...path, "amount"], [...path, "currency"]];
  if (type !== "table") return [path];
  const rows = valueAt(answers, path);
  const ofRows = (isEmpty(rows) ? [] : (rows as readonly Answers[])).flatMap((_, index) =>
    columns.flatMap((column) => placesOf(column, {}).map((place): Path => [...path, index, ...place])),
  );
  return [path, ...ofRows];
}
