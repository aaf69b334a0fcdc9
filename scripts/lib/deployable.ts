import { unstable_readConfig } from "wrangler";
import { projectPath } from "./project.ts";

/** Refuses what would deploy something of development: options of wrangler, and an environment of `wrangler.toml`. */
export function assertDeployable(options: string[], config = projectPath("wrangler.toml")): void {
  const of = (...names: string[]) =>
    options.flatMap((option, index) => {
      const [name = "", value] = option.split(/=(.*)/s);
      return names.includes(name) ? [value ?? options[index + 1] ?? ""] : [];
    });
  const [env = process.env.CLOUDFLARE_ENV] = of("--env", "-e");
  if (unstable_readConfig({ config, ...(env && { env }) }).define.DEVELOPMENT_BUILD !== "false") {
    const where = env ? `[env.${env}.define]` : "[define]";
    throw new Error(`${config} has to define the production build: put DEVELOPMENT_BUILD = "false" below ${where}.`);
  }
  if (of("--define").length > 0) {
    throw new Error(
      "npm run deploy takes no --define: wrangler.toml says which build is deployed, the one for production.",
    );
  }
  if (of("--config", "-c").length > 0) {
    throw new Error(
      "npm run deploy takes no --config: it deploys what wrangler.toml says. For a copy, add an environment there.",
    );
  }
  const development = valuesOf("--var", options).find((value) => value.startsWith("DEV_"));
  if (development !== undefined) {
    throw new Error(
      `${development.split(":")[0]} is a setting of development, and a production build refuses every request while it has one. Leave it out.`,
    );
  }
}

/** All values of an option that takes several, up to the next option. */
function valuesOf(name: string, options: string[]): string[] {
  let isOpen = false;
  return options.flatMap((option) => {
    if (option.startsWith("-")) {
      isOpen = option === name;
      return option.startsWith(`${name}=`) ? [option.slice(name.length + 1)] : [];
    }
    return isOpen ? [option] : [];
  });
}

/** With the environment named, so that wrangler need not ask which one is meant: production's has no name. */
export function forEnvironment(options: string[]): string[] {
  const isNamed = options.some((option) => /^(-e|--env)(=|$)/.test(option)) || Boolean(process.env.CLOUDFLARE_ENV);
  return isNamed ? options : ["--env=", ...options];
}
