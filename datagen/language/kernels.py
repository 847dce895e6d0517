"""All kernels, by the names of their functions."""

from collections.abc import Mapping

from datagen.language.comparison_kernels import COMPARISON_KERNELS
from datagen.language.format_kernel import formatted
from datagen.language.list_kernels import LIST_KERNELS
from datagen.language.number_kernels import NUMBER_KERNELS
from datagen.language.operation import Kernel
from datagen.language.text_kernels import TEXT_KERNELS
from datagen.language.time_kernels import TIME_KERNELS

KERNELS: Mapping[str, Kernel] = {
    **NUMBER_KERNELS,
    **COMPARISON_KERNELS,
    **TEXT_KERNELS,
    **TIME_KERNELS,
    **LIST_KERNELS,
    "format": formatted,
}
