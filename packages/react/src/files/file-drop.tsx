import { useState, type DragEvent, type ReactNode } from "react";
import { useTexts } from "../provider/weft-provider.js";
import { useUploads, type UploadItem, type Uploads, type UploadsOptions } from "./use-uploads.js";

export interface FileDropProps extends UploadsOptions {
  /** Whether several files can be chosen. Default: true */
  readonly isMany?: boolean;
  readonly label?: ReactNode;
  /** For the input: its ID, and what assistive technology says about it. */
  readonly inputProps?: {
    readonly id?: string;
    readonly "aria-required"?: boolean;
    readonly "aria-invalid"?: boolean;
    readonly "aria-describedby"?: string | undefined;
  };
  readonly onBlur?: () => void;
  /** Whether the list contains the files of which Weft has all bytes. Default: true */
  readonly showsDone?: boolean;
  /** Draws an upload. Default: its name, progress and buttons. */
  readonly renderItem?: (item: UploadItem, uploads: Uploads) => ReactNode;
}

/** A place to choose files or drop them, and the files that are being sent. The input is the browser's own, so keys work as everywhere. */
export function FileDrop({ isMany = true, label, inputProps, onBlur, showsDone = true, renderItem, ...options }: FileDropProps): ReactNode {
  const texts = useTexts();
  const uploads = useUploads(options);
  const [isOver, setOver] = useState(false);
  const { items } = uploads;
  const shown = showsDone ? items : items.filter(({ status }) => status !== "done");
  const add = (files: FileList | null): void => uploads.add([...(files ?? [])].slice(0, isMany ? undefined : 1));
  const over = (event: DragEvent, next: boolean): void => {
    event.preventDefault();
    setOver(next);
  };
  const input = (
    <input
      {...inputProps}
      type="file"
      multiple={isMany}
      accept={options.accept?.join(",")}
      onChange={({ currentTarget }) => {
        add(currentTarget.files);
        // So that the same file can be chosen again after it has failed.
        currentTarget.value = "";
      }}
      onBlur={onBlur}
    />
  );
  return (
    <div
      data-weft="file-drop"
      data-over={isOver}
      onDragEnter={(event) => over(event, true)}
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        add(event.dataTransfer.files);
      }}
    >
      {inputProps?.id === undefined ? (
        <label>
          {label ?? (isMany ? texts.chooseFiles : texts.chooseFile)} {input}
        </label>
      ) : (
        input
      )}{" "}
      <small aria-hidden="true">{texts.dropHere}</small>
      <ul data-weft="uploads">
        {shown.map((item) => (
          <li key={item.key} data-status={item.status}>
            {renderItem ? renderItem(item, uploads) : <UploadRow {...{ item, uploads }} />}
          </li>
        ))}
      </ul>
      <span role="status">
        {items
          .filter(({ status }) => status === "done")
          .map(({ name }) => texts.uploaded(name))
          .join(" ")}
      </span>
    </div>
  );
}

function UploadRow({ item, uploads }: { readonly item: UploadItem; readonly uploads: Uploads }): ReactNode {
  const texts = useTexts();
  const { key, name, size, sentBytes, status, error, canRetry } = item;
  return (
    <>
      <span>{name}</span> {status !== "failed" && <progress aria-label={name} max={Math.max(size, 1)} value={size === 0 ? 1 : sentBytes} />}
      {error !== null && <span role="alert">{error}</span>}
      {status === "sending" && (
        <button type="button" onClick={() => uploads.pause(key)}>
          {texts.pauseUpload(name)}
        </button>
      )}
      {status === "paused" && (
        <button type="button" onClick={() => uploads.resume(key)}>
          {texts.resumeUpload(name)}
        </button>
      )}
      {status === "failed" && canRetry && (
        <button type="button" onClick={() => uploads.retry(key)}>
          {texts.retryUpload(name)}
        </button>
      )}
      {status !== "done" && (
        <button type="button" onClick={() => uploads.cancel(key)}>
          {texts.cancelUpload(name)}
        </button>
      )}
    </>
  );
}
