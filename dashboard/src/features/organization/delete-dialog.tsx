import { api, ask } from "../../lib/api.ts";
import { useList } from "../../live/query.ts";
import { notify } from "../../ui/toast.tsx";
import { TypeToConfirm } from "../../ui/type-to-confirm.tsx";
import { acceptLate } from "./accept-late.ts";
import { deleteConsequences } from "./consequences.ts";

interface DeleteDialogProps {
  id: string;
  onDeleted: () => void;
  onClose: () => void;
}

/** Asks before an organization is deleted, with the numbers of what is deleted with it. */
export function DeleteDialog(props: DeleteDialogProps) {
  const id = props.id;
  const params = { path: { organization_id: id } };
  const impact = useList(
    () => ["organization", id, "impact"],
    async (signal) =>
      (await ask(api.GET("/api/v1/controller/organizations/{organization_id}/impact", { params, signal }))).data,
    { refreshOn: (event) => event.organization_id === id },
  );
  const remove = async () => {
    const isFinished = await acceptLate(
      ask(api.DELETE("/api/v1/controller/organizations/{organization_id}", { params })),
    );
    if (isFinished) notify({ tone: "success", text: `${id} deleted` });
    props.onDeleted();
  };

  return (
    <TypeToConfirm
      title={`Delete ${id}?`}
      consequences={deleteConsequences(impact.data, impact.failure)}
      phrase={id}
      action={`Delete ${id}`}
      onConfirm={remove}
      onClose={() => props.onClose()}
    />
  );
}
