import { megabytes, type Texts } from "./texts.js";

const formats: Readonly<Record<string, string>> = {
  email: "Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.",
  uri: "Geben Sie eine vollständige Adresse ein, zum Beispiel https://example.com.",
  time: "Geben Sie eine Uhrzeit ein, zum Beispiel 09:30:00Z.",
  date: "Geben Sie ein Datum ein.",
  "date-time": "Geben Sie Datum und Uhrzeit ein.",
};

const historyKinds: Readonly<Record<string, string>> = {
  START: "Gestartet",
  TRANSITION: "Übergang",
  ASSIGNMENT: "Zuweisung",
  DATA: "Daten geändert",
  CANCELLATION: "Abgebrochen",
  COMMENT: "Kommentar",
  SUSPENSION: "Angehalten",
  RESUMPTION: "Fortgesetzt",
  ROLLBACK: "Zurückgesetzt",
  MIGRATION: "Migriert",
};

/** `texts` of `WeftProvider` for German. */
export const germanTexts: Texts = {
  locale: "de",
  required: "Füllen Sie dieses Feld aus.",
  notANumber: "Geben Sie eine Zahl ein.",
  decimals: (count) =>
    count === 0 ? "Geben Sie einen ganzen Betrag ein." : `Geben Sie einen Betrag mit höchstens ${count} Nachkommastellen ein.`,
  multipleOf: (step) => `Geben Sie ein Vielfaches von ${step} ein.`,
  invalid: (keyword, limit) => {
    switch (keyword) {
      case "minLength":
        return `Geben Sie mindestens ${String(limit)} Zeichen ein.`;
      case "maxLength":
        return `Geben Sie höchstens ${String(limit)} Zeichen ein.`;
      case "minimum":
        return `Geben Sie eine Zahl von mindestens ${String(limit)} ein.`;
      case "maximum":
        return `Geben Sie eine Zahl von höchstens ${String(limit)} ein.`;
      case "multipleOf":
        return `Geben Sie ein Vielfaches von ${String(limit)} ein.`;
      case "minItems":
        return `Es müssen mindestens ${String(limit)} sein.`;
      case "maxItems":
        return `Es dürfen höchstens ${String(limit)} sein.`;
      case "uniqueItems":
        return "Entfernen Sie, was doppelt ist.";
      case "type":
        return limit === "integer" ? "Geben Sie eine ganze Zahl ein." : "Dieser Wert ist nicht gültig.";
      case "format":
        return formats[String(limit)] ?? "Dieser Wert hat nicht das erwartete Format.";
      case "pattern":
        return "Dieser Text hat nicht das erwartete Format.";
      case "enum":
      case "oneOf":
        return "Wählen Sie eine der Möglichkeiten.";
      default:
        return "Dieser Wert ist nicht gültig.";
    }
  },
  wrongType: (name) => `Dateien wie ${name} werden hier nicht angenommen.`,
  tooLarge: (name, maxBytes) => `${name} ist zu groß. Die Grenze ist ${megabytes("de", maxBytes)}.`,
  transitions: "Aktionen",
  submit: "Absenden",
  cancel: "Abbrechen",
  comment: "Kommentar",
  optional: "freiwillig",
  mandatory: "Pflichtfeld",
  none: "–",
  amount: "Betrag",
  currency: "Währung",
  addRow: "Zeile hinzufügen",
  row: (number) => `Zeile ${number}`,
  removeRow: (number) => `Zeile ${number} entfernen`,
  search: "Suchen",
  noMatch: "Nichts gefunden.",
  matches: (count) => (count === 1 ? "1 Treffer" : `${count} Treffer`),
  remove: (name) => `${name} entfernen`,
  chooseFile: "Datei auswählen",
  chooseFiles: "Dateien auswählen",
  dropHere: "oder hier ablegen",
  pauseUpload: (name) => `${name} anhalten`,
  resumeUpload: (name) => `${name} fortsetzen`,
  cancelUpload: (name) => `${name} abbrechen`,
  retryUpload: (name) => `${name} noch einmal versuchen`,
  uploaded: (name) => `${name} ist hochgeladen.`,
  unsupported: "Dieses Feld kann hier nicht ausgefüllt werden.",
  showMore: (count) => `${count} weitere anzeigen`,
  remaining: (duration) => `noch ${duration}`,
  overdue: (duration) => `${duration} überfällig`,
  atMost: (duration) => `höchstens noch ${duration}`,
  paused: (duration) => `Angehalten, noch ${duration}`,
  met: "Eingehalten",
  missed: "Verfehlt",
  cancelled: "Abgebrochen",
  historyKind: (kind) => historyKinds[kind] ?? kind.charAt(0) + kind.slice(1).toLowerCase(),
  somebody: "Jemand",
  automatic: "Automatisch",
  onBehalfOf: (name) => `im Namen von ${name}`,
};
