namespace Cep.Alerts;

/// <summary>Sorting of what is nearly in order already.</summary>
internal static class Ordering
{
    /// <summary>Moves what is out of place by a little; where much is, sorts in the usual way.</summary>
    public static void SortNearly<T>(List<T> items, IComparer<T> order)
    {
        var moves = 0;
        for (var i = 1; i < items.Count; i++)
        {
            var item = items[i];
            var at = i;
            for (; at > 0 && order.Compare(items[at - 1], item) > 0; at--)
            {
                items[at] = items[at - 1];
                moves++;
            }

            items[at] = item;
            if (moves <= items.Count * 4)
                continue;
            items.Sort(order);
            return;
        }
    }
}
