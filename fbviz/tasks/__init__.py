"""The tasks, drawn with numpy so that a page can show them and a worker can learn them."""

from fbviz.tasks import plane, sequences  # each enters its tasks
from fbviz.tasks.base import TASKS, Array, Examples, Task

__all__ = ["TASKS", "Array", "Examples", "Task", "plane", "sequences"]
