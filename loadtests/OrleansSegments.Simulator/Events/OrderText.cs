using OrleansSegments.Simulator.Shoppers;

namespace OrleansSegments.Simulator.Events;

/// <summary>Writes the properties of the events that speak of an order; money in pounds.</summary>
internal static class OrderText
{
    public static void WriteCoupon(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        json.Raw(",\"coupon_id\":\"SAVE15\",\"discount\":"u8);
        json.Hundredths(order.DiscountCents);
        json.Raw("}"u8);
    }

    public static void WriteOrder(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        json.Raw(",\"subtotal\":"u8);
        json.Hundredths(order.SubtotalCents);
        json.Raw(",\"discount\":"u8);
        json.Hundredths(order.DiscountCents);
        WriteTotals(ref json, order);
        if (order.HasCoupon)
        {
            json.Raw(",\"coupon\":\"SAVE15\""u8);
        }

        json.Raw(",\"products\":["u8);
        for (int item = 0; item < order.Items; item++)
        {
            json.Raw(item == 0 ? "{"u8 : ",{"u8);
            json.Raw(order.ProductAt(item).Fields);
            json.Raw(",\"quantity\":"u8);
            json.Number(order.QuantityAt(item));
            json.Raw("}"u8);
        }

        json.Raw("]}"u8);
    }

    public static void WriteRefund(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        WriteTotals(ref json, order);
        json.Raw("}"u8);
    }

    private static void WriteId(ref JsonText json, OrderDraft order)
    {
        json.Raw("{\"order_id\":\"order-"u8);
        json.Hex(order.Number);
        json.Raw("\""u8);
    }

    private static void WriteTotals(ref JsonText json, OrderDraft order)
    {
        json.Raw(",\"total\":"u8);
        json.Hundredths(order.TotalCents);
        json.Raw(",\"revenue\":"u8);
        json.Hundredths(order.TotalCents);
        json.Raw(",\"currency\":\"GBP\""u8);
    }
}
