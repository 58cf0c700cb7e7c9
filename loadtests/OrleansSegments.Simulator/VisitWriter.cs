namespace OrleansSegments.Simulator;

/// <summary>Converts planned actions to events with their JSON.</summary>
internal sealed class VisitWriter(SimulationOptions options, DayPlanner planner, EventSink sink)
{
    private const int GapSecondsMin = 4;
    private const int GapSecondsMax = 90;
    private readonly OrderDraft _order = new();
    private readonly double[] _categories = new double[5];
    private CounterRandom _random;
    private long _clock;

    public void Write(in PlannedItem item)
    {
        ShopperProfile profile = planner.ProfileAt(item.Customer, item.Day);
        long key = (OrderDraft.VisitKey(item.Day, item.Visit) * 4) + (int)item.Kind;
        _random = new CounterRandom(options.Seed, item.Customer, key, RandomStream.Session);
        _clock = item.AtTicks;
        bool mobile = _random.NextChance(profile.MobileShare);
        sink.Begin(item.Customer, key, EventContexts.Of(profile.Place, mobile, profile.UsesApple));
        switch (item.Kind)
        {
            case PlannedItemKind.Identify:
                WriteIdentify(profile);
                break;
            case PlannedItemKind.Refund:
                WriteRefund(profile, item);
                break;
            default:
                WriteVisit(profile, item);
                break;
        }
    }

    private void WriteIdentify(in ShopperProfile profile)
    {
        var json = new JsonText(sink.Arena.Reserve());
        bool isNew = profile.Behaviour.Persona == Persona.BeautyReviewer;
        TraitsText.Write(ref json, options.Seed, profile, isNew ? new DateTimeOffset(_clock, TimeSpan.Zero) : options.Start);
        sink.Add(SimulatedEventType.Identify, "", _clock, json.Length);
    }

    private void WriteVisit(in ShopperProfile profile, in PlannedItem item)
    {
        PersonaBehaviour behaviour = profile.Behaviour;
        profile.FillCategories(item.Day, _categories);
        if (_random.NextChance(PersonaBehaviour.LandingPageShare))
        {
            var json = new JsonText(sink.Arena.Reserve());
            json.Raw("{\"path\":\"/\",\"title\":\"Home\"}"u8);
            Add(SimulatedEventType.Page, EventNames.HomePage, json.Length);
        }

        int browsing = 1 + _random.NextBelow(behaviour.BrowsingEventsMax);
        for (int i = 0; i < browsing; i++)
        {
            Browse(profile, (BrowsingAction)_random.NextIndex(behaviour.BrowsingCumulative));
        }

        if (item.Kind == PlannedItemKind.VisitWithOrder)
        {
            _order.Draw(options.Seed, profile, item.Day, item.Visit);
            WriteOrder();
        }

        if (_random.NextChance(behaviour.SupportShare))
        {
            WriteTalk(behaviour);
        }
    }

    private void Browse(in ShopperProfile profile, BrowsingAction action)
    {
        var json = new JsonText(sink.Arena.Reserve());
        switch (action)
        {
            case BrowsingAction.ViewList:
                AddNamed(ref json, EventNames.ProductListViewed, "{\"list_id\":\"all\",\"category\":\""u8);
                break;
            case BrowsingAction.Search:
                AddNamed(ref json, EventNames.ProductsSearched, "{\"query\":\""u8);
                break;
            case BrowsingAction.ClickPromotion:
                json.Raw("{\"promotion_id\":\"promo-"u8);
                json.Number(_random.NextBelow(20));
                AddNamed(ref json, EventNames.PromotionClicked, "\",\"creative\":\""u8);
                break;
            case BrowsingAction.AddToCart:
                AddProduct(ref json, EventNames.ProductAdded, ProductChoice.Draw(ref _random, profile, _categories), 1);
                break;
            case BrowsingAction.AddToWishlist:
                AddProduct(ref json, EventNames.ProductAddedToWishlist, ProductChoice.Draw(ref _random, profile, _categories), 0);
                break;
            case BrowsingAction.Review:
                json.Raw("{\"rating\":"u8);
                json.Number(Rating(profile.Behaviour));
                json.Raw(","u8);
                json.Raw(ProductChoice.Draw(ref _random, profile, _categories).Fields);
                json.Raw("}"u8);
                Add(SimulatedEventType.Track, EventNames.ProductReviewed, json.Length);
                break;
            default:
                AddProduct(ref json, EventNames.ProductViewed, ProductChoice.Draw(ref _random, profile, _categories), 0);
                break;
        }
    }

    private void WriteOrder()
    {
        JsonText json;
        for (int item = 0; item < Math.Min(_order.Items, PersonaBehaviour.CartAddsMax); item++)
        {
            json = new JsonText(sink.Arena.Reserve());
            AddProduct(ref json, EventNames.ProductAdded, _order.ProductAt(item), _order.QuantityAt(item));
        }

        if (_order.HasCoupon)
        {
            json = new JsonText(sink.Arena.Reserve());
            OrderText.WriteCoupon(ref json, _order);
            Add(SimulatedEventType.Track, EventNames.CouponApplied, json.Length);
        }

        json = new JsonText(sink.Arena.Reserve());
        OrderText.WriteOrder(ref json, _order);
        Add(SimulatedEventType.Track, EventNames.OrderCompleted, json.Length);
    }

    private void WriteRefund(in ShopperProfile profile, in PlannedItem item)
    {
        _order.Draw(options.Seed, profile, item.Day, item.Visit);
        var json = new JsonText(sink.Arena.Reserve());
        OrderText.WriteRefund(ref json, _order);
        Add(SimulatedEventType.Track, EventNames.OrderRefunded, json.Length);
        if (_random.NextChance(PersonaBehaviour.SupportAfterRefundShare))
        {
            WriteTalk(profile.Behaviour);
        }
    }

    private void WriteTalk(PersonaBehaviour behaviour)
    {
        ulong conversation = _random.Next() >> 16;
        var json = new JsonText(sink.Arena.Reserve());
        json.Raw("{\"conversationId\":\"talk-"u8);
        json.Hex(conversation);
        json.Raw("\"}"u8);
        Add(SimulatedEventType.Track, EventNames.ConversationStarted, json.Length);
        if (_random.NextChance(PersonaBehaviour.FeedbackShare))
        {
            json = new JsonText(sink.Arena.Reserve());
            json.Raw("{\"conversationId\":\"talk-"u8);
            json.Hex(conversation);
            json.Raw("\",\"rating\":"u8);
            json.Number(Rating(behaviour));
            json.Raw("}"u8);
            Add(SimulatedEventType.Track, EventNames.FeedbackSubmitted, json.Length);
        }
    }

    private int Rating(PersonaBehaviour behaviour) =>
        Math.Clamp((int)Math.Round(behaviour.RatingMean + (2 * (_random.NextUniform() - 0.5))), 1, 5);

    private void AddNamed(ref JsonText json, string name, ReadOnlySpan<byte> before)
    {
        json.Raw(before);
        json.Raw(Product.CategoryNames[_random.NextIndex(_categories)]);
        json.Raw("\"}"u8);
        Add(SimulatedEventType.Track, name, json.Length);
    }

    private void AddProduct(ref JsonText json, string name, Product product, int quantity)
    {
        json.Raw("{"u8);
        json.Raw(product.Fields);
        if (quantity > 0)
        {
            json.Raw(",\"quantity\":"u8);
            json.Number(quantity);
        }

        json.Raw(",\"currency\":\"USD\"}"u8);
        Add(SimulatedEventType.Track, name, json.Length);
    }

    private void Add(SimulatedEventType type, string name, int payloadBytes)
    {
        sink.Add(type, name, _clock, payloadBytes);
        _clock += (GapSecondsMin + _random.NextBelow(GapSecondsMax - GapSecondsMin)) * TimeSpan.TicksPerSecond;
    }
}
