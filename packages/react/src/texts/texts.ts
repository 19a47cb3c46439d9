/** Texts of the components. Titles, labels and reasons come from Weft. */

export interface FormTexts {
  readonly required: string;
  readonly notANumber: string;
  readonly decimals: (count: number) => string;
  readonly multipleOf: (step: number) => string;
  /**
   * Says what is wrong with an answer.
   *
   * @param keyword of JSON Schema that the answer does not satisfy, such as `minLength`
   * @param limit its value in the schema
   */
  readonly invalid: (keyword: string, limit: unknown) => string;
  readonly wrongType: (name: string) => string;
  readonly tooLarge: (name: string, maxBytes: number) => string;
}

export interface Texts extends FormTexts {
  /** BCP 47 tag for numbers, dates and durations. */
  readonly locale: string;
  /** Name of the group of buttons of an instance's transitions. */
  readonly transitions: string;
  readonly submit: string;
  readonly cancel: string;
  readonly comment: string;
  readonly optional: string;
  /** Follows the name of a group that needs an answer. */
  readonly mandatory: string;
  readonly none: string;
  readonly amount: string;
  readonly currency: string;
  readonly addRow: string;
  readonly row: (number: number) => string;
  readonly removeRow: (number: number) => string;
  readonly search: string;
  readonly noMatch: string;
  readonly matches: (count: number) => string;
  readonly remove: (name: string) => string;
  readonly chooseFile: string;
  readonly chooseFiles: string;
  readonly dropHere: string;
  readonly pauseUpload: (name: string) => string;
  readonly resumeUpload: (name: string) => string;
  readonly cancelUpload: (name: string) => string;
  readonly retryUpload: (name: string) => string;
  readonly uploaded: (name: string) => string;
  readonly unsupported: string;
  readonly showMore: (count: number) => string;
  readonly remaining: (duration: string) => string;
  readonly overdue: (duration: string) => string;
  readonly atMost: (duration: string) => string;
  readonly paused: (duration: string) => string;
  readonly met: string;
  readonly missed: string;
  readonly cancelled: string;
  /** What the history says where no transition has a title. */
  readonly historyKind: (kind: string) => string;
  readonly somebody: string;
  readonly automatic: string;
  readonly onBehalfOf: (name: string) => string;
}

const formats: Readonly<Record<string, string>> = {
  email: "Enter an email address, such as name@example.com.",
  uri: "Enter a complete URL, such as https://example.com.",
  time: "Enter a time, such as 09:30:00Z.",
  date: "Enter a date.",
  "date-time": "Enter a date and a time.",
};

export const englishTexts: Texts = {
  locale: "en",
  required: "Fill in this field.",
  notANumber: "Enter a number.",
  decimals: (count) => (count === 0 ? "Enter a whole amount." : `Enter an amount with at most ${count} decimals.`),
  multipleOf: (step) => `Enter a multiple of ${step}.`,
  invalid: (keyword, limit) => {
    switch (keyword) {
      case "minLength":
        return `Enter at least ${String(limit)} characters.`;
      case "maxLength":
        return `Enter at most ${String(limit)} characters.`;
      case "minimum":
        return `Enter a number of at least ${String(limit)}.`;
      case "maximum":
        return `Enter a number of at most ${String(limit)}.`;
      case "multipleOf":
        return `Enter a multiple of ${String(limit)}.`;
      case "minItems":
        return `Add at least ${String(limit)}.`;
      case "maxItems":
        return `Add at most ${String(limit)}.`;
      case "uniqueItems":
        return "Remove what occurs twice.";
      case "type":
        return limit === "integer" ? "Enter a whole number." : "This value is not valid.";
      case "format":
        return formats[String(limit)] ?? "This value does not have the expected format.";
      case "pattern":
        return "This text does not have the expected format.";
      case "enum":
      case "oneOf":
        return "Choose one of the options.";
      default:
        return "This value is not valid.";
    }
  },
  wrongType: (name) => `Files like ${name} are not accepted here.`,
  tooLarge: (name, maxBytes) => `${name} is too large. The limit is ${megabytes("en", maxBytes)}.`,
  transitions: "Actions",
  submit: "Submit",
  cancel: "Cancel",
  comment: "Comment",
  optional: "optional",
  mandatory: "required",
  none: "–",
  amount: "Amount",
  currency: "Currency",
  addRow: "Add a row",
  row: (number) => `Row ${number}`,
  removeRow: (number) => `Remove row ${number}`,
  search: "Search",
  noMatch: "Nothing matches.",
  matches: (count) => (count === 1 ? "1 match" : `${count} matches`),
  remove: (name) => `Remove ${name}`,
  chooseFile: "Choose a file",
  chooseFiles: "Choose files",
  dropHere: "or drop it here",
  pauseUpload: (name) => `Pause ${name}`,
  resumeUpload: (name) => `Resume ${name}`,
  cancelUpload: (name) => `Cancel ${name}`,
  retryUpload: (name) => `Retry ${name}`,
  uploaded: (name) => `${name} is uploaded.`,
  unsupported: "This field cannot be filled in here.",
  showMore: (count) => `Show ${count} more`,
  remaining: (duration) => `${duration} left`,
  overdue: (duration) => `${duration} overdue`,
  atMost: (duration) => `at most ${duration} left`,
  paused: (duration) => `Paused, ${duration} left`,
  met: "Met",
  missed: "Missed",
  cancelled: "Canceled",
  historyKind: (kind) => kind.charAt(0) + kind.slice(1).toLowerCase(),
  somebody: "Somebody",
  automatic: "Automatic",
  onBehalfOf: (name) => `on behalf of ${name}`,
};

/** Returns a number of bytes as megabytes: `2.5 MB`. */
export function megabytes(locale: string, bytes: number): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(bytes / 1_000_000);
}
