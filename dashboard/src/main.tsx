import { render } from "solid-js/web";
import { App } from "./app.tsx";
import { beginAtLogin } from "./features/session/session.ts";

beginAtLogin();
const root = document.getElementById("app");
if (root) render(() => <App />, root);
