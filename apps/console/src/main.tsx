import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/Loader.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/Input.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/Kbd.css";
import "./design/theme.generated.css";
import "./design/tokens.css";
import "./design/base.css";
import "./design/frame.css";
import "./design/inbox.css";
import "./design/forms.css";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { chooseLocale, preferredLocale } from "./formats/locale";
import { weft } from "./weft";

const root = document.getElementById("root");
if (root === null) throw new Error('index.html has no element with the ID "root".');
const address = new URL(location.href);
if (address.searchParams.has("resume")) await takeOver();
if (weft.session.state.status === "signedIn") loadAhead();
await chooseLocale(preferredLocale());
createRoot(root).render(<App />);

/** The landing page has logged the user in. If its session cannot be taken over, the user logs in here. */
async function takeOver(): Promise<void> {
  address.searchParams.delete("resume");
  history.replaceState(null, "", address);
  await weft.session.resume().catch(() => false);
}

/** Loads along with the texts what is needed next. If that fails, the part that needs it says so. */
function loadAhead(): void {
  const parts = [import("./frame/signed-in"), ...(location.pathname.endsWith("/inbox") ? [import("./inbox/inbox-page")] : [])];
  void Promise.allSettled(parts);
}
