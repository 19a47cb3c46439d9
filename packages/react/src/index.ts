/** `@weft/react`: live data, tasks, transitions, forms, SLA clocks and uploads for React applications. Behavior is ours, looks are the application's. */
export { useAction, type Action } from "./actions/use-action.js";
export type { Conflict } from "./actions/use-conflicts.js";
export { ErrorMessage } from "./errors/error-message.js";
export { FileDrop, type FileDropProps } from "./files/file-drop.js";
export { useUploads, type UploadItem, type Uploads, type UploadsOptions } from "./files/use-uploads.js";
export type { ControlProps, FieldFrameProps } from "./forms/control.js";
export { localTime, pointInTime } from "./forms/model/local-time.js";
export { formFields, type FieldType, type FormDescription, type FormField, type FormModel, type Option } from "./forms/model/form.js";
export type { FormProblem } from "./forms/model/problems.js";
export { useForm, type FormController, type FormOptions } from "./forms/use-form.js";
export { FormFields, FormProblems, WeftForm, type FormComponents, type FormFieldsProps, type WeftFormProps } from "./forms/weft-form.js";
export type { LiveResult } from "./live/live-events.js";
export type { LiveQueryState } from "./live/live-query.js";
export { useLive, type LiveOptions } from "./live/use-live.js";
export { useLiveQuery, type LiveQueryHookOptions, type LiveQueryResult, type LiveSource } from "./live/use-live-query.js";
export { SignedIn, SignedOut, useSession, useWeft, WeftProvider, type WeftProviderProps } from "./provider/weft-provider.js";
export { SlaClock, useSlaClock, type SlaClockProps } from "./sla/sla-clock.js";
export { slaClockFields, type SlaClockFields, type SlaTime } from "./sla/sla-time.js";
export type { Task } from "./tasks/task.js";
export { useTask, type CompletedTask, type CompleteTask, type TaskOptions, type TaskResult } from "./tasks/use-task.js";
export { germanTexts } from "./texts/german-texts.js";
export { englishTexts, type FormTexts, type Texts } from "./texts/texts.js";
export { historyFields, Timeline, useTimeline, type HistoryEntry, type TimelinePages, type TimelineProps } from "./timeline/timeline.js";
export { transitionFields, type AvailableTransition } from "./transitions/transition.js";
export {
  TransitionButtons,
  type TransitionAction,
  type TransitionButtonProps,
  type TransitionButtonsProps,
  type TransitionDraft,
  type TransitionDrafts,
} from "./transitions/transition-buttons.js";
export { useTransitions, type FireTransition, type Instance, type TransitionsResult } from "./transitions/use-transitions.js";
