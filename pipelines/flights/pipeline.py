"""Will it leave late? Prepare New York's flights of 2013, train a model on some months, and judge it by a later one.

`aiinfra run pipelines/flights/pipeline.py` runs it here, `-p epochs=20` changes a parameter, and
`aiinfra compile pipelines/flights/pipeline.py -o flights.yaml` writes it for Kubeflow Pipelines.
"""

from kfp import dsl

from aiinfra.pipeline import notebook_component

prepare = notebook_component("prepare.ipynb", cpu="1", memory="2Gi")
prepare_later = notebook_component("prepare.ipynb", name="prepare-later", cpu="1", memory="2Gi")
train = notebook_component("train.ipynb", cpu="2", memory="4Gi")
evaluate = notebook_component("evaluate.ipynb", cpu="1", memory="2Gi")
drift = notebook_component("drift.ipynb", cpu="1", memory="2Gi")


@dsl.pipeline(name="flights", description="Train on some months of flights, judge by a later one")
def flights(
    first_month: int = 1, last_month: int = 3, later_month: int = 7, epochs: int = 8, seed: int = 0
) -> None:
    """Learn from the months `first_month` to `last_month` of 2013, and look at `later_month`.

    Args:
        first_month: First month to learn from, 1 to 12.
        last_month: Last month to learn from, 1 to 12.
        later_month: The month that the model is judged by.
        epochs: Times that each flight is seen in training.
        seed: Decides the days held out, the first weights and the order of flights.
    """
    learned = prepare(first_month=first_month, last_month=last_month)
    later = prepare_later(first_month=later_month, last_month=later_month)
    model = train(flights=learned.outputs["flights"], epochs=epochs, seed=seed)
    evaluate(model=model.outputs["model"], flights=later.outputs["flights"])
    drift(current=later.outputs["flights"], reference=learned.outputs["flights"])
